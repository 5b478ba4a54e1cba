/**
 * Which server has which key: the one for which key and server together score highest (rendezvous hashing). A server
 * more, or one less, moves its own share of the keys and nothing else; the order of the list doesn't matter.
 * @module
 */

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  return value
}

/** The finalizer of MurmurHash3: each bit of the input changes half of the output. */
function mix(value: number): number {
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35)
  return (value ^ (value >>> 16)) >>> 0
}

/** Spreads keys over servers, by their names. */
export class Spread {
  readonly #seeds: readonly number[]

  constructor(names: readonly string[]) {
    this.#seeds = names.map((name) => mix(hash(name)))
  }

  /** The index of the server that has the key. */
  indexOf(key: string): number {
    if (this.#seeds.length === 1) return 0
    const keyHash = hash(key)
    let [best, highest] = [0, -1]
    for (let i = 0; i < this.#seeds.length; i++) {
      const score = mix(keyHash ^ this.#seeds[i]!)
      if (score > highest) [best, highest] = [i, score]
    }
    return best
  }
}
