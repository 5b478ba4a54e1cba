/**
 * A record gets another key.
 * @module
 */
import { randomBytes } from 'node:crypto'
import { isUnsupported, NoAnswer } from './errors.js'
import type { Line } from './line.js'
import type { Lines } from './pool.js'
import { MOVE, REMOVE, TIME } from './scripts.js'

/** How often a record is copied anew that others keep changing, before they are cut off. */
const MAX_COPIES = 10

/** What a move came to: done, nothing to move, or the new key is taken. */
export type Moved = boolean | 'taken'

/** What is moved, and for how long it lives then. */
export interface Move {
  readonly from: string
  readonly to: string
  /** Milliseconds. */
  readonly ttl: number
  /** Milliseconds after which nobody waits for the new id any more: from then on the old one has to stay. */
  readonly patience: number
}

/**
 * On one server, one step: nobody ever sees both keys or neither. On a cluster the keys lie on two servers, and the
 * order is: copy, then remove the old key on condition that it did not change, and copy again if it did. Nobody knows
 * the new id before this resolves, so that at any moment there is one that works; a process that dies in between
 * leaves the old one, and a copy that nobody can reach until it expires. If others write faster than it is copied, the
 * old key is at last taken away first.
 */
export async function move(lines: Lines, asked: Move): Promise<Moved> {
  const line = lines.next()
  const version = randomBytes(9).toString('base64url')
  const deadline = await again(lines, line, (one) => deadlineOn(one, asked))
  if (line.isCluster) return new Copying(line, asked, version, deadline).run()
  try {
    const { from, to, ttl } = asked
    const moved = await again(lines, line, (one) => MOVE.run(one, [from, to], [version, ttl, deadline]))
    return Number(moved) === 2 ? 'taken' : Number(moved) === 1
  } catch (error) {
    if (!isUnsupported(error)) throw error // one address may have all slots of a cluster behind it
    return new Copying(lines.next(), asked, version, deadline).run()
  }
}

/**
 * Until when the server may do it, by its own clock: what reaches it later, since it was paused or the network was,
 * would take the id away that the visitor was left with.
 */
async function deadlineOn(line: Line, { from, patience }: Move): Promise<number> {
  const begun = performance.now()
  const [seconds, microseconds] = (await TIME.run(line, [from], [])) as [string, string]
  const left = patience - (performance.now() - begun)
  return Math.floor(Number(seconds) * 1000 + Number(microseconds) / 1000 + left)
}

/** Once more where no answer came. The version tells that a move whose answer was lost has been made. */
async function again<T>(lines: Lines, line: Line, ask: (line: Line) => Promise<T>): Promise<T> {
  try {
    return await ask(line)
  } catch (error) {
    if (!(error instanceof NoAnswer) || line.isCluster) throw error
    return ask(lines.next())
  }
}

class Copying {
  readonly #line: Line
  readonly #asked: Move
  readonly #version: string
  readonly #deadline: number

  constructor(line: Line, asked: Move, version: string, deadline: number) {
    this.#line = line
    this.#asked = asked
    this.#version = version
    this.#deadline = deadline
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
    const removed = await REMOVE.run(this.#line, [this.#asked.from], [version, inAnyCase ? 1 : 0, this.#deadline])
    if (removed === null && this.#line.losses !== losses) {
      throw new NoAnswer('the connection was lost while the session was given another id')
    }
    return typeof removed === 'string' && removed !== '1' ? removed : removed !== null
  }

  async #read(): Promise<string | undefined> {
    return ((await this.#line.call('GET', this.#asked.from)) as string | null) ?? undefined
  }

  /** False: the key is taken by somebody else. */
  async #copy(text: string, isFirst: boolean): Promise<boolean> {
    const copy = this.#version + text.slice(text.indexOf('\n'))
    const args = ['PX', this.#asked.ttl, ...(isFirst ? ['NX'] : [])]
    if ((await this.#line.call('SET', this.#asked.to, copy, ...args)) !== null) return true
    const start = await this.#line.call('GETRANGE', this.#asked.to, 0, this.#version.length)
    return start === `${this.#version}\n` // a client may send it twice
  }

  async #removeCopy(): Promise<void> {
    await this.#line.call('DEL', this.#asked.to)
  }
}
