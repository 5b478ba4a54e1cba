/**
 * A record gets another key.
 * @module
 */
import { randomBytes } from 'node:crypto'
import { isUnsupported, NoAnswer } from './errors.js'
import type { Line } from './line.js'
import type { Lines } from './pool.js'
import { MOVE, REMOVE } from './scripts.js'

/** How often a record is copied anew that others keep changing, before they are cut off. */
const MAX_COPIES = 10

/** What a move came to: done, nothing to move, or the new key is taken. */
export type Moved = boolean | 'taken'

/**
 * On one server, one step: nobody ever sees both keys or neither. On a cluster the keys lie on two servers, and the
 * order is: copy, then remove the old key on condition that it did not change, and copy again if it did. Nobody knows
 * the new id before this resolves, so that at any moment there is one that works; a process that dies in between
 * leaves the old one, and a copy that nobody can reach until it expires. If others write faster than it is copied, the
 * old key is at last taken away first.
 */
export async function move(lines: Lines, from: string, to: string, ttl: number): Promise<Moved> {
  const line = lines.next()
  const version = randomBytes(9).toString('base64url')
  if (line.isCluster) return new Copying(line, from, to, ttl, version).run()
  try {
    const result = await moveInOneStep(lines, line, [from, to], [version, ttl])
    return Number(result) === 2 ? 'taken' : Number(result) === 1
  } catch (error) {
    if (!isUnsupported(error)) throw error // one address may have all slots of a cluster behind it
    return new Copying(lines.next(), from, to, ttl, version).run()
  }
}

/** The version tells the script that a move whose answer was lost has been made. */
async function moveInOneStep(lines: Lines, line: Line, keys: string[], args: [string, number]): Promise<unknown> {
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
      if (await this.#removeOld(text)) return true
    } catch (error) {
      await this.#removeCopy().catch(() => undefined) // it expires; the first error says more
      throw error
    }
    await this.#removeCopy()
    return false
  }

  /** As long as the old key changes, the copy is made again. False: somebody else ended the session. */
  async #removeOld(copied: string): Promise<boolean> {
    let text = copied
    for (let copies = 1; ; copies++) {
      const isLast = copies === MAX_COPIES
      const removed = await this.#remove(text, isLast)
      if (typeof removed !== 'string') return removed
      text = removed
      await this.#copy(text, false)
      if (isLast) return true
    }
  }

  /**
   * Gives what the old key holds if that is not what was copied. A removal that was sent twice finds nothing: whose it
   * was can't be known then, and a session that ended stays ended.
   */
  async #remove(text: string, inAnyCase: boolean): Promise<boolean | string> {
    const { losses } = this.#line
    const version = text.slice(0, text.indexOf('\n'))
    const removed = await REMOVE.run(this.#line, [this.#from], [version, inAnyCase ? 1 : 0])
    if (removed === null && this.#line.losses !== losses) {
      throw new NoAnswer('the connection was lost while the session was given another id')
    }
    return typeof removed === 'string' && removed !== '1' ? removed : removed !== null
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
