/**
 * Records by id, each a document.
 * @module
 */
import { SessionError } from '@sess/core'
import type { Cas, GetResult, MutationResult } from 'couchbase'
import { DurabilityLevel } from 'couchbase'
import type { Alarm } from './alarm.js'
import type { Content } from './document.js'
import { contentOf, textOf, transcoder } from './document.js'
import { isAmbiguous, isCanceled, isChanged, isMissing, isTooLarge, PROVIDER, storeError } from './errors.js'
import type { CouchbaseCollection, Durability, Settings } from './options.js'

/** A record as the store holds it. */
export interface Stored extends Content {
  /** What Couchbase compares: another number after each change. */
  readonly cas: string
}

const LEVELS: Record<Durability, DurabilityLevel> = {
  none: DurabilityLevel.None,
  majority: DurabilityLevel.Majority,
  majorityAndPersistToActive: DurabilityLevel.MajorityAndPersistOnMaster,
  persistToMajority: DurabilityLevel.PersistToMajority,
}

/** What a document has at most; with that, it is refused by the server. */
const MAX_BYTES = 20 * 1024 * 1024

export class Records {
  readonly #collection: CouchbaseCollection
  readonly #alarm: Alarm
  readonly #prefix: string
  readonly #reading: { readonly timeout: number; readonly transcoder: typeof transcoder }
  readonly #writing: { readonly timeout: number; readonly durabilityLevel?: DurabilityLevel }

  /** @param alarm watches all operations */
  constructor(
    collection: CouchbaseCollection,
    { prefix, durability, timeout }: Omit<Settings, 'connection'>,
    alarm: Alarm,
  ) {
    this.#collection = collection
    this.#alarm = alarm
    this.#prefix = prefix
    this.#reading = { timeout: timeout * 1000, transcoder }
    this.#writing = {
      timeout: timeout * 1000,
      ...(durability !== 'none' && { durabilityLevel: LEVELS[durability] }),
    }
  }

  /** @param ttl when given, the expiry is refreshed */
  async get(id: string, ttl?: number): Promise<Stored | undefined> {
    const key = this.#prefix + id
    const found = await this.#orMissing(
      'load a session',
      ttl === undefined
        ? () => this.#collection.get(key, this.#reading)
        : () => this.#collection.getAndTouch(key, expiryOf(ttl), this.#reading),
    )
    if (!found) return undefined
    const { content, cas } = found as GetResult
    return { cas: textOfCas(cas), ...contentOf(id, content as string) }
  }

  /** A new record, where there is none. Gives its CAS, or false where there is one. */
  add(id: string, content: Content, ttl: number): Promise<string | false> {
    const options = { transcoder, expiry: expiryOf(ttl), ...this.#writing }
    return this.#write(id, content, (text) => this.#collection.insert(this.#prefix + id, text, options))
  }

  /** Another content for the record that has this CAS, else false. Without an expiry it would live for ever. */
  replace(id: string, content: Content, ttl: number, cas: string): Promise<string | false> {
    const options = { transcoder, expiry: expiryOf(ttl), cas, ...this.#writing }
    return this.#write(id, content, (text) => this.#collection.replace(this.#prefix + id, text, options))
  }

  async #write(id: string, content: Content, write: (text: string) => Promise<unknown>): Promise<string | false> {
    const text = textOf(content)
    if (Buffer.byteLength(text) > MAX_BYTES) throw tooLarge(id, content) // sending it could take too long
    try {
      return textOfCas(((await this.#alarm.watch(write(text))) as MutationResult).cas)
    } catch (error) {
      if (isMissing(error) || isChanged(error)) return false
      if (isTooLarge(error)) throw tooLarge(id, content, error)
      if (isAmbiguous(error)) throw error // core looks whether it was done
      throw storeError('save a session', error)
    }
  }

  /** False where there is none. */
  async touch(id: string, ttl: number): Promise<boolean> {
    const { timeout } = this.#reading
    const touch = (): Promise<unknown> => this.#collection.touch(this.#prefix + id, expiryOf(ttl), { timeout })
    return (await this.#orMissing('refresh a session', touch)) !== undefined
  }

  /** A missing one is no error. */
  async remove(id: string): Promise<void> {
    await this.#orMissing('remove a session', () => this.#collection.remove(this.#prefix + id, this.#writing))
  }

  /**
   * Removes the record that has this CAS: false where there is another one, undefined where there is none. What it
   * throws is the SDK's own error.
   */
  async removeIf(id: string, cas: string): Promise<boolean | undefined> {
    try {
      await this.#alarm.watch(this.#collection.remove(this.#prefix + id, { cas, ...this.#writing }))
      return true
    } catch (error) {
      if (isMissing(error)) return undefined
      if (isChanged(error)) return false
      throw error
    }
  }

  async exists(id: string): Promise<boolean> {
    const { timeout } = this.#reading
    const look = (): Promise<unknown> => this.#collection.exists(this.#prefix + id, { timeout })
    const found = await this.#orMissing('look for a session', look)
    return (found as { exists: boolean } | undefined)?.exists === true
  }

  /** For what may be done twice. */
  async #orMissing(doing: string, operation: () => Promise<unknown>): Promise<unknown> {
    try {
      return await this.#alarm.watch(repeated(operation))
    } catch (error) {
      if (isMissing(error)) return undefined
      throw storeError(doing, error)
    }
  }
}

/** When a connection is lost, the SDK itself repeats nothing but `get`. */
const repeated = (operation: () => Promise<unknown>): Promise<unknown> =>
  operation().catch((error: unknown) => {
    if (isCanceled(error)) return operation()
    throw error
  })

const textOfCas = (cas: Cas): string => cas.toString()

/** Whole seconds, never 0: that is for ever. The SDK makes dates of more than 30 days, and takes no more than 50 years. */
const expiryOf = (ttl: number): number => Math.min(Math.max(1, Math.ceil(ttl)), MAX_EXPIRY)
const MAX_EXPIRY = 50 * 365 * 24 * 3600

function tooLarge(id: string, content: Content, cause?: unknown): SessionError {
  const message = `session ${id}: its record has ${Buffer.byteLength(content.data)} bytes, and Couchbase takes 20 MiB at most`
  return new SessionError('SESS_TOO_LARGE', message, { cause, provider: PROVIDER })
}
