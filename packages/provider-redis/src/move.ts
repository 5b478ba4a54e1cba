/**
 * A record gets another key.
 * @module
 */
import { randomBytes } from 'node:crypto'
import { NoAnswer } from './errors.js'
import type { Line } from './line.js'
import type { Lines } from './pool.js'
import { MOVE, REMOVE } from './scripts.js'

/** How often a record is copied anew that others keep changing. */
const MAX_ATTEMPTS = 100

/** What a move came to: done, nothing to move, or the new key is taken. */
export type Moved = boolean | 'taken'

/**
 * On one server, one step: nobody ever sees both keys or neither. On a cluster the keys lie on two servers, and the
 * order is: copy, then remove the old key on condition that it did not change, and copy again if it did. Nobody knows
 * the new id before this resolves, so that at any moment there is one that works; a process that dies in between
 * leaves the old one, and a copy that nobody can reach until it expires.
 */
export async function move(lines: Lines, from: string, to: string, ttl: number): Promise<Moved> {
  const line = lines.next()
  const version = randomBytes(9).toString('base64url')
  if (line.isCluster) return new Copying(line, from, to, ttl, version).run()
  const result = await moveInOneStep(lines, line, [from, to], [version, ttl])
  return result === 2 ? 'taken' : result === 1
}

/** The version tells the script that a move whose answer was lost has been made. */
async function moveInOneStep(lines: Lines, line: Line, keys: string[], args: [string, number]): Promise<number> {
  try {
    return await MOVE.run(line, keys, args)
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error
    return MOVE.run(lines.next(), keys, args)
  }
}

class Copying {
  readonly #line: Line
  readonly #from: string
  readonly #to: string
  readonly #ttl: number
  readonly #version: string

  constructor(line: Line, from: string, to: string, ttl: number, version: string) {
    this.#line = line
    this.#from = from
    this.#to = to
    this.#ttl = ttl
    this.#version = version
  }

  async run(): Promise<Moved> {
    const text = await this.#read()
    if (text === undefined) return false
    if (!(await this.#copy(text, true))) return 'taken'
    try {
      if (await this.#follow(text)) return true
    } catch (error) {
      await this.#removeCopy().catch(() => undefined) // it expires; the first error says more
      throw error
    }
    await this.#removeCopy()
    return false
  }

  /** Removes the old key; as long as it changed, the copy is made again. False: somebody else ended the session. */
  async #follow(copied: string): Promise<boolean> {
    let text: string | undefined = copied
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const removed = await this.#remove(text)
      if (removed !== 0) return removed === 1
      text = await this.#read()
      if (text === undefined) return false
      await this.#copy(text, false)
    }
    throw new NoAnswer(`others changed the session ${MAX_ATTEMPTS} times while it was given another id`)
  }

  /** A removal that was sent twice finds nothing: whose it was can't be known, and a session that ended stays ended. */
  async #remove(text: string): Promise<number> {
    const { losses } = this.#line
    const removed = await REMOVE.run(this.#line, [this.#from], [text.slice(0, text.indexOf('\n'))])
    if (removed >= 0 || this.#line.losses === losses) return removed
    throw new NoAnswer('the connection was lost while the session was given another id')
  }

  async #read(): Promise<string | undefined> {
    return ((await this.#line.call('GET', this.#from)) as string | null) ?? undefined
  }

  /** False: the key is taken by somebody else. */
  async #copy(text: string, isFirst: boolean): Promise<boolean> {
    const copy = this.#version + text.slice(text.indexOf('\n'))
    const args = ['PX', this.#ttl, ...(isFirst ? ['NX'] : [])]
    if ((await this.#line.call('SET', this.#to, copy, ...args)) !== null) return true
    const start = await this.#line.call('GETRANGE', this.#to, 0, this.#version.length)
    return start === `${this.#version}\n` // a client may send it twice
  }

  async #removeCopy(): Promise<void> {
    await this.#line.call('DEL', this.#to)
  }
}
