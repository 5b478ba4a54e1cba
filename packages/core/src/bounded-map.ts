/**
 * A map that forgets: of `max` in all, what was set longest ago goes, half of it at a time. That keeps each step short,
 * while a Map that loses its first entry with each new one walks past the gaps of all that went before.
 */
export class BoundedMap<Value> {
  readonly #half: number
  readonly #weightOf: (value: Value) => number
  #young = new Map<string, Value>()
  #old = new Map<string, Value>()
  #youngWeight = 0

  /** @param weightOf what a value counts for; without it, `max` is the number of entries */
  constructor(max: number, weightOf: (value: Value) => number = () => 1) {
    this.#half = max / 2
    this.#weightOf = weightOf
  }

  /** `undefined` for what was never set, or is forgotten. */
  get(key: string): Value | undefined {
    return this.#young.get(key) ?? this.#old.get(key)
  }

  /** A value that by itself is too much for a half is not kept. */
  set(key: string, value: Value): void {
    const weight = this.#weightOf(value)
    if (weight > this.#half) return this.delete(key)
    const before = this.#young.get(key)
    if (before !== undefined) this.#youngWeight -= this.#weightOf(before)
    if (this.#youngWeight + weight > this.#half) {
      this.#old = this.#young
      this.#young = new Map()
      this.#youngWeight = 0
    }
    this.#young.set(key, value)
    this.#youngWeight += weight
  }

  /** Forgets a key; a missing one is no error. */
  delete(key: string): void {
    const young = this.#young.get(key)
    if (young !== undefined) this.#youngWeight -= this.#weightOf(young)
    this.#young.delete(key)
    this.#old.delete(key)
  }

  /** Forgets all keys. */
  clear(): void {
    this.#young.clear()
    this.#old.clear()
    this.#youngWeight = 0
  }
}
