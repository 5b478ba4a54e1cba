/**
 * The provider `redis`: one string per session, its version on the first line and the record below it, so that
 * `redis-cli GET session:ID` shows all of it.
 * @module
 */
import { defineProvider, SessionError } from '@sess/core'
import type { Loaded, Provider, ProviderContext, Storage, Version } from '@sess/core'
import { clientMaker } from './client.js'
import { isUnsupported, NoAnswer, PROVIDER } from './errors.js'
import { keysOf } from './keys.js'
import type { Line } from './line.js'
import { move } from './move.js'
import type { RedisProviderOptions, Settings } from './options.js'
import { resolve } from './options.js'
import type { Lines } from './pool.js'
import { Borrowed, Pool } from './pool.js'
import { SizeLimit } from './size-limit.js'
import { Together } from './together.js'
import type { Update } from './updates.js'
import { fits, saveAll, unclear } from './updates.js'

/**
 * Sessions in Redis 5 or newer, or Valkey; one server, a master with sentinels, or a cluster.
 *
 * @example
 * ```ts
 * sessioner({ provider: redis({ client: new Redis() }) }) // your client, which stays yours to close
 * sessioner({ provider: redis({ addr: '10.0.0.5:6379', prefix: 'shop:' }) })
 * ```
 * @param options without them, what the manager's `providerConfig` says
 * @throws {OptionError} `SESS_OPTION` on a wrong option, when the provider is opened
 */
export function redis(options?: RedisProviderOptions): Provider {
  return defineProvider({
    name: PROVIDER,
    options,
    open: (config, context) => openStorage(resolve(config), context), // resolves at once: a wrong config throws
  })
}

/** The part of `storeTimeout` in which a connection has to be made, or a session moved: before core gives up on us. */
const IN_TIME = 0.9

/** Resolves when the server answered; then the connections of our own are the storage's to close. */
export async function openStorage(settings: Settings, context: ProviderContext): Promise<Storage> {
  let isOpen = false
  const report = (error: Error): void => {
    if (isOpen) context.report(error) // until then the error goes to whoever opens
  }
  const lines = linesOf(settings, context.storeTimeout * 1000, report)
  try {
    const line = lines.next()
    await greet(line, settings, context.storeTimeout * IN_TIME)
    isOpen = true
    return new RedisStorage(lines, settings.prefix, line.isCluster, context)
  } catch (error) {
    lines.close()
    throw error
  }
}

function linesOf({ client, connection }: Settings, patience: number, report: (error: Error) => void): Lines {
  if (client) return new Borrowed(client)
  const { poolSize, idleTimeout } = connection!
  const options = { size: poolSize, idle: idleTimeout * 1000, patience, report }
  return new Pool(clientMaker(connection!, patience), options)
}

/** ioredis goes on in database 0 when the server has no such database as it was told to use. */
async function greet(line: Line, { connection }: Settings, seconds: number): Promise<void> {
  const ask = (): Promise<unknown> =>
    connection && connection.db > 0 ? line.call('SELECT', connection.db) : line.call('PING')
  const greeting = line.whenItTakesCommands().then(ask)
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_, reject) => {
    const fail = (): void => reject(line.reason ?? new NoAnswer(`no answer within ${seconds} s`))
    timer = setTimeout(fail, seconds * 1000)
  })
  await Promise.race([greeting, timeout]).finally(() => clearTimeout(timer))
}

class RedisStorage implements Storage {
  readonly #lines: Lines
  readonly #prefix: string
  /** Milliseconds. */
  readonly #patience: number
  readonly #idLength: number
  /** Null: there is no such key; or, for one of several, no string. */
  readonly #reads: Together<string, unknown>
  /** Whether it was saved. */
  readonly #updates: Together<Update, boolean>
  readonly #limit: SizeLimit = new SizeLimit()
  /** Servers before 6.2 don't have it. */
  #hasGetex = true

  constructor(lines: Lines, prefix: string, isCluster: boolean, { storeTimeout, idLength }: ProviderContext) {
    this.#lines = lines
    this.#prefix = prefix
    this.#patience = storeTimeout * IN_TIME * 1000
    this.#idLength = idLength
    this.#reads = new Together(!isCluster, {
      all: async (keys) => (await lines.repeat('MGET', ...keys)) as unknown[],
      alone: (key) => lines.repeat('GET', key),
    })
    this.#updates = new Together(!isCluster, {
      all: (updates) => saveAll(lines, updates),
      alone: async (update) => (await saveAll(lines, [update]))[0]!,
      fits,
    })
  }

  async load(id: string, ttl?: number): Promise<Loaded | undefined> {
    const key = this.#prefix + id
    const text = await (ttl === undefined ? this.#reads.ask(key) : this.#refreshing(key, ttl))
    return typeof text === 'string' ? parse(id, text) : undefined
  }

  /** One round trip in any case: what is asked at once goes as one. */
  async #refreshing(key: string, ttl: number): Promise<unknown> {
    if (this.#hasGetex) {
      try {
        return await this.#lines.repeat('GETEX', key, 'PX', milliseconds(ttl))
      } catch (error) {
        if (!isUnsupported(error)) throw error
        this.#hasGetex = false
      }
    }
    const get = this.#lines.repeat('GET', key)
    const [text] = await Promise.all([get, this.#lines.repeat('PEXPIRE', key, milliseconds(ttl))])
    return text
  }

  async save(
    id: string,
    data: string,
    ttl: number,
    expected: Version | undefined,
    next: string,
  ): Promise<string | false> {
    const key = this.#prefix + id
    const text = `${next}\n${data}`
    const ms = milliseconds(ttl)
    if (SizeLimit.mayExceed(text)) await this.#limit.check(this.#lines.next(), id, text)
    const saved =
      expected === undefined
        ? this.#create(key, text, ms, next)
        : this.#updates.ask({ key, expected: String(expected), text, milliseconds: ms })
    return (await saved) && next
  }

  /** A client may send it twice, and is told then that the key is taken: by itself. */
  async #create(key: string, text: string, ms: number, next: string): Promise<boolean> {
    const line = this.#lines.next()
    const { losses } = line
    const answer = await line.call('SET', key, text, 'PX', ms, 'NX')
    if (answer === 'OK') return true
    if (answer !== null) throw new Error('SET was not carried out: the client is in a transaction')
    if ((await line.call('GETRANGE', key, 0, next.length)) === `${next}\n`) return true
    if (line.losses !== losses) throw unclear()
    return false
  }

  async touch(id: string, ttl: number): Promise<boolean> {
    return Number(await this.#lines.repeat('PEXPIRE', this.#prefix + id, milliseconds(ttl))) === 1
  }

  async remove(id: string): Promise<void> {
    await this.#lines.repeat('DEL', this.#prefix + id)
  }

  async rename(from: string, to: string, ttl: number): Promise<boolean> {
    const keys = { from: this.#prefix + from, to: this.#prefix + to }
    const moved = await move(this.#lines, { ...keys, ttl: milliseconds(ttl), patience: this.#patience })
    if (moved !== 'taken') return moved
    throw new SessionError('SESS_CONFLICT', `session ${to}: the id is taken`, { provider: PROVIDER })
  }

  async exists(id: string): Promise<boolean> {
    return Number(await this.#lines.repeat('EXISTS', this.#prefix + id)) === 1
  }

  /**
   * Walks over all keys of the database, 1,000 at a time, on every master of a cluster: some milliseconds of the
   * server's time for each 10,000 keys of whatever kind. Call it from a report, not from a request. Sessions that come
   * and go meanwhile may or may not be counted; one may be counted twice while the server resizes its table. A key is
   * taken for a session by its prefix and by the length of its id, so not if it is older than a change of `idLength`.
   */
  async count(): Promise<number> {
    const line = this.#lines.next()
    const prefix = line.keyPrefix + this.#prefix
    let count = 0
    for await (const key of keysOf(line, prefix)) {
      const id = key.slice(prefix.length)
      if (id.length === this.#idLength && SESSION_ID.test(id)) count++
    }
    return count
  }

  async close(): Promise<void> {
    this.#lines.close()
  }
}

/** Neither a key of another provider whose prefix is longer, nor a record of core's own, whose id starts with `~`. */
const SESSION_ID = /^[\w-][\w~-]*$/

const milliseconds = (seconds: number): number => Math.ceil(seconds * 1000)

function parse(id: string, text: string): Loaded {
  const end = text.indexOf('\n')
  if (end > 0) return { version: text.slice(0, end), data: text.slice(end + 1) }
  throw new SessionError('SESS_CORRUPT', `session ${id}: its key holds no version and record`, { provider: PROVIDER })
}
