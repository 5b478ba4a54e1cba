/**
 * One record at one key: its name on the first line, the text below.
 * @module
 */
import { SessionError } from '@sess/core'
import type { Answer } from './connection.js'
import { NoAnswer, PROVIDER, refused } from './errors.js'
import type { Nodes } from './nodes.js'
import { expiryOf, OPCODE, STATUS } from './protocol.js'

/** A record as a server holds it. */
export interface Stored {
  /** What memcached compares: another number after each write, as hexadecimal digits. */
  readonly cas: string
  /** The unique name of the write that made it: by this a write whose answer was lost is recognised. */
  readonly name: string
  readonly data: string
}

/** Records by id, on whichever server they are. */
export class Records {
  readonly #nodes: Nodes

  constructor(nodes: Nodes) {
    this.#nodes = nodes
  }

  /** @param ttl when given, the expiry is refreshed */
  async get(id: string, ttl?: number): Promise<Stored | undefined> {
    const answer = await (ttl === undefined
      ? this.#nodes.repeat({ opcode: OPCODE.get, key: id })
      : this.#nodes.repeat({ opcode: OPCODE.gat, key: id, expiry: expiryOf(ttl) }))
    return isDone(answer, 'load a session') ? parse(id, answer) : undefined
  }

  /** A new record, where there is none. Gives its CAS, or false where there is one. */
  add(id: string, name: string, data: string, ttl: number): Promise<string | false> {
    return this.#write(OPCODE.add, id, name, data, ttl)
  }

  /**
   * Another text for the record that has this CAS, else false. REPLACE, not SET: it never creates a record, and
   * leaves the old one where the new one is too large. SET would remove it.
   */
  replace(id: string, name: string, data: string, ttl: number, cas: string): Promise<string | false> {
    return this.#write(OPCODE.replace, id, name, data, ttl, cas)
  }

  async #write(
    opcode: number,
    id: string,
    name: string,
    data: string,
    ttl: number,
    cas?: string,
  ): Promise<string | false> {
    const value = `${name}\n${data}`
    try {
      const request = { opcode, key: id, expiry: expiryOf(ttl), value, ...(cas !== undefined && { cas }) }
      const answer = await this.#nodes.ask(request)
      const { status } = answer.header
      if (status === STATUS.tooLarge) throw tooLarge(id, value)
      if (status === STATUS.exists || !isDone(answer, 'save a session')) return false
      return casOf(answer)
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error
      return this.#casOfOwn(id, name, error)
    }
  }

  /** Nobody told what became of a write. If the record bears its name, it was done; else it may be done yet. */
  async #casOfOwn(id: string, name: string, lost: NoAnswer): Promise<string> {
    const stored = await this.get(id).catch(() => undefined)
    if (stored?.name === name) return stored.cas
    const message = `nobody knows whether session ${id} was saved: ${lost.message}`
    throw new SessionError('SESS_STORE', message, { cause: lost, provider: PROVIDER })
  }

  /** False where there is none. */
  async touch(id: string, ttl: number): Promise<boolean> {
    return isDone(
      await this.#nodes.repeat({ opcode: OPCODE.touch, key: id, expiry: expiryOf(ttl) }),
      'refresh a session',
    )
  }

  /** A missing one is no error. */
  async remove(id: string): Promise<void> {
    isDone(await this.#nodes.repeat({ opcode: OPCODE.delete, key: id }), 'remove a session')
  }

  /** Removes the record that has this CAS: false where there is another one, undefined where there is none. */
  async removeIf(id: string, cas: string): Promise<boolean | undefined> {
    const answer = await this.#nodes.ask({ opcode: OPCODE.delete, key: id, cas })
    if (answer.header.status === STATUS.exists) return false
    return isDone(answer, 'remove a session') || undefined
  }
}

const casOf = ({ header }: Answer): string => header.cas.toString('hex')

/** False where there is no such record; whatever else stood in the way is an error. */
function isDone({ header: { status } }: Answer, doing: string): boolean {
  if (status === STATUS.ok) return true
  if (status === STATUS.missing) return false
  throw refused(doing, status)
}

function parse(id: string, answer: Answer): Stored {
  const text = answer.val.toString()
  const end = text.indexOf('\n')
  if (end > 0) return { cas: casOf(answer), name: text.slice(0, end), data: text.slice(end + 1) }
  throw new SessionError('SESS_CORRUPT', `session ${id}: its item holds no record`, { provider: PROVIDER })
}

function tooLarge(id: string, value: string): SessionError {
  const size = Buffer.byteLength(value)
  const message = `session ${id}: its record has ${size} bytes, which is over the item limit of memcached (-I)`
  return new SessionError('SESS_TOO_LARGE', message, { provider: PROVIDER })
}
