/**
 * The provider `file`: one file a session, safe among processes on one machine.
 *
 * A file is a line `sess1 <version> <expiry in ms>` and the record. From when somebody knows its id on, it is only ever
 * replaced as a whole, and whoever replaces it holds its lock: see `file-lock.ts`.
 * @module
 */
import { resolve } from 'node:path'
import { rejectUnknownKey } from '../config-string.js'
import { OptionError, SessionError, show, undefinedIfCorrupt } from '../errors.js'
import type { Provider, ProviderConfig, ProviderContext } from '../provider.js'
import { defineProvider } from '../storage.js'
import type { Loaded, Storage, Version } from '../storage.js'
import { readWhole, remove } from './file-io.js'
import { breakIfAbandoned, FileLock, isOlderThanLease } from './file-lock.js'
import { FileRoot } from './file-root.js'
import { eachFile } from './file-walk.js'

/** Options of {@link file}; as a config string, the path alone. */
export interface FileProviderOptions {
  /**
   * The directory. It is made when missing, at start; it should hold nothing else. Where it is away afterwards, or an
   * empty one is in its place, every request is an error until it is back.
   * @default 'data/sessions'
   */
  path?: string
}

/**
 * Sessions in files: modes 0600 and 0700, replaced atomically, compared under a lock that other processes respect.
 * A damaged file is set aside as `<id>.corrupt`, reported, and an error for the one request that found it.
 * @throws {OptionError} `SESS_OPTION` on a wrong option, when the provider is opened
 */
export function file(options?: FileProviderOptions): Provider {
  return defineProvider({
    name: 'file',
    options,
    open: (config, context) => openFiles(resolve(pathOf(config)), context),
  })
}

const DEFAULT_PATH = 'data/sessions'

function pathOf(config: ProviderConfig): string {
  if (typeof config === 'string') return config === '' ? DEFAULT_PATH : checkedPath('providerConfig', config)
  for (const key of Object.keys(config)) rejectUnknownKey('file', key, ['path'])
  const { path } = config as FileProviderOptions
  return path === undefined ? DEFAULT_PATH : checkedPath('path', path)
}

function checkedPath(option: string, path: unknown): string {
  if (typeof path === 'string' && path !== '' && !path.includes('\0')) return path
  throw new OptionError(option, 'the path of a directory for file', show(path))
}

const openFiles = async (path: string, context: ProviderContext): Promise<FileStorage> =>
  new FileStorage(await FileRoot.make(path), context)

interface Header {
  readonly version: string
  readonly expiresAt: number
}

interface Contents extends Header {
  readonly data: string
}

const HEADER = /^sess1 ([\w-]+) (\d+)\n/
const render = ({ version, expiresAt, data }: Contents): string => `sess1 ${version} ${expiresAt}\n${data}`

class FileStorage implements Storage {
  readonly #root: FileRoot
  readonly #context: ProviderContext
  /** What holds a lock or waits for one, also when the manager has given it up; and what collects. */
  readonly #running = new Set<Promise<unknown>>()
  readonly #closing = new AbortController()

  constructor(root: FileRoot, context: ProviderContext) {
    this.#root = root
    this.#context = context
  }

  async load(id: string, ttl?: number): Promise<Loaded | undefined> {
    const contents = await this.#living(id)
    if (contents && ttl !== undefined) await this.touch(id, ttl)
    return contents
  }

  save(id: string, data: string, ttl: number, expected: Version | undefined, next: string): Promise<Version | false> {
    return this.#locked(id, async (lock) => {
      if ((await this.#heldLiving(id))?.version !== expected) return false
      await lock.publish(render({ version: next, expiresAt: this.#expiry(ttl), data }))
      return next
    })
  }

  /** One that is there was written by an attempt whose answer came too late, and is replaced. */
  insert(id: string, data: string, ttl: number, next: string): Promise<Version> {
    return this.#awaited(this.#insert(id, render({ version: next, expiresAt: this.#expiry(ttl), data }), next))
  }

  async #insert(id: string, text: string, version: string): Promise<Version> {
    const isCreated = await FileLock.create(this.#root, id, text)
    if (!isCreated) await this.#locked(id, (lock) => lock.publish(text))
    return version
  }

  async touch(id: string, ttl: number): Promise<boolean> {
    if (!(await this.#living(id))) return false
    return this.#locked(id, async (lock) => {
      const contents = await this.#living(id)
      if (contents) await lock.publish(render({ ...contents, expiresAt: this.#expiry(ttl) }))
      return contents !== undefined
    })
  }

  async remove(id: string): Promise<void> {
    if ((await this.#text(id)) === undefined) return
    await this.#locked(id, () => remove(this.#root.pathOf(id)))
  }

  /** Both locks are taken in one order, so that two renames can't wait for each other. */
  rename(from: string, to: string, ttl: number): Promise<boolean> {
    const [first, second] = from < to ? [from, to] : [to, from]
    return this.#locked(first, (one) =>
      this.#locked(second, (other) => this.#move(from, to, ttl, first === to ? one : other), true),
    )
  }

  async #move(from: string, to: string, ttl: number, lockOfTarget: FileLock): Promise<boolean> {
    const contents = await this.#living(from)
    if (!contents) return false
    if (await this.#living(to))
      throw new SessionError('SESS_CONFLICT', `session ${to}: the id is taken`, { provider: 'file' })
    await lockOfTarget.publish(render({ ...contents, expiresAt: this.#expiry(ttl) }))
    await remove(this.#root.pathOf(from))
    return true
  }

  async exists(id: string): Promise<boolean> {
    return (await this.#living(id)) !== undefined
  }

  /** Reads each file. */
  async count(): Promise<number> {
    let count = 0
    const { signal } = this.#closing
    await eachFile(this.#root, signal, async (name, path) => {
      if (isId(name) && !name.startsWith('~') && (await this.#isLiving(name, path)) === true) count++
    })
    if (!signal.aborted) return count
    throw new SessionError('SESS_CLOSED', 'the provider was closed while it counted', { provider: 'file' })
  }

  sweep(): Promise<number> {
    return this.#awaited(this.#sweep())
  }

  async #sweep(): Promise<number> {
    let removed = 0
    await eachFile(this.#root, this.#closing.signal, async (name, path) => {
      if (name.endsWith('.lock')) await breakIfAbandoned(path)
      else if (isId(name) && (await this.#isLiving(name, path)) === false && (await this.#removeExpired(name)))
        removed++
    })
    return removed
  }

  /** Looks again under the lock: it may have been refreshed meanwhile. */
  #removeExpired(id: string): Promise<boolean> {
    return this.#locked(id, async () => {
      if (await this.#living(id)) return false
      await remove(this.#root.pathOf(id))
      return true
    })
  }

  /** Resolves when nothing here changes a file any more; what is to be collected yet is left to the next one. */
  async close(): Promise<void> {
    this.#closing.abort()
    await Promise.allSettled(this.#running)
  }

  #locked<T>(id: string, fn: (lock: FileLock) => Promise<T>, isSecond = false): Promise<T> {
    return this.#awaited(FileLock.hold(this.#root, id, this.#context.storeTimeout, fn, isSecond))
  }

  /** What the close waits for. */
  async #awaited<T>(run: Promise<T>): Promise<T> {
    this.#running.add(run)
    try {
      return await run
    } finally {
      this.#running.delete(run)
    }
  }

  #expiry(ttl: number): number {
    return this.#context.clock() + Math.ceil(ttl * 1000)
  }

  async #living(id: string): Promise<Contents | undefined> {
    return this.#contents(id, await this.#text(id))
  }

  /** Under the lock, which lies in the same directory: that is there. */
  async #heldLiving(id: string): Promise<Contents | undefined> {
    return this.#contents(id, await readWhole(this.#root.pathOf(id)))
  }

  async #contents(id: string, text: string | undefined): Promise<Contents | undefined> {
    if (text === undefined) return undefined
    const contents = parse(text) ?? (await this.#setAside(id))
    return this.#isUnexpired(contents) ? contents : undefined
  }

  #isUnexpired({ expiresAt }: Header): boolean {
    return expiresAt > this.#context.clock()
  }

  /** Only one that is missing costs a look whether the directory is there. */
  async #text(id: string): Promise<string | undefined> {
    const text = await readWhole(this.#root.pathOf(id))
    if (text === undefined) await this.#root.check()
    return text
  }

  /**
   * For walks over all sessions: one damaged file, reported, doesn't end them. `undefined` for what is no session: gone,
   * damaged, or so young that it may be written just now.
   */
  async #isLiving(id: string, path: string): Promise<boolean | undefined> {
    const text = await this.#text(id)
    const contents = text === undefined ? undefined : parse(text)
    if (contents) return this.#isUnexpired(contents)
    if (await isOlderThanLease(path)) await this.#setAside(id).catch(undefinedIfCorrupt)
    return undefined
  }

  async #setAside(id: string): Promise<never> {
    const path = this.#root.pathOf(id)
    const message = `session ${id}: its file is damaged; it was set aside as ${path}.corrupt`
    const error = new SessionError('SESS_CORRUPT', message, { provider: 'file' })
    if (await remove(path, `${path}.corrupt`)) this.#context.report(error)
    throw error
  }
}

/** What ends in `.lock` or `.corrupt` is no session. */
const isId = (name: string): boolean => !name.includes('.')

/** `undefined` when the text is not what `render` made: half-written, overwritten, cut off. */
function parse(text: string): Contents | undefined {
  const header = HEADER.exec(text)
  if (!header) return undefined
  const data = text.slice(header[0].length)
  return isRecord(data) ? { version: header[1]!, expiresAt: Number(header[2]), data } : undefined
}

/** Any JSON object: another tool may have written it on one line. The caller reports what is none. */
function isRecord(data: string): boolean {
  try {
    const value: unknown = JSON.parse(data)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}
