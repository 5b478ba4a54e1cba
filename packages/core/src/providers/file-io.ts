/**
 * The file operations of the `file` provider. Callbacks, since `fs.promises` makes an object for each handle and takes
 * a third longer; each call is one trip to the thread pool.
 * @module
 */
import fs from 'node:fs'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { SessionError } from '../errors.js'
import { Slots } from '../slots.js'

const open = promisify(fs.open)
const close = promisify(fs.close)
const read = promisify(fs.read)
const write = promisify(fs.writeFile)
const fchmod = promisify(fs.fchmod)
const mkdir = promisify(fs.mkdir)
const chmod = promisify(fs.chmod)
const unlink = promisify(fs.unlink)

/** Read at once; a longer file takes another read. */
const FIRST_READ = 16 * 1024

export const hasCode = (error: unknown, ...codes: string[]): boolean =>
  codes.includes((error as NodeJS.ErrnoException | undefined)?.code ?? '')

/** Rethrows a system error as one that says what could not be done, and where. */
export const storeError =
  (doing: string, path: string) =>
  (cause: unknown): never => {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause)
    throw new SessionError('SESS_STORE', `provider file could not ${doing} ${path}: ${reason}`, {
      cause,
      provider: 'file',
    })
  }

/** The thread pool has four threads: more files that are open at once are of no use, and a process may open only so many. */
export const MAX_OPEN = 32

const readers = new Slots(MAX_OPEN)

/** The file's text; `undefined` when there is none. */
export async function readWhole(path: string): Promise<string | undefined> {
  await readers.take()
  try {
    return await openAndRead(path)
  } finally {
    readers.give()
  }
}

async function openAndRead(path: string): Promise<string | undefined> {
  let fd: number
  try {
    fd = await open(path, 'r')
  } catch (error) {
    return hasCode(error, 'ENOENT') ? undefined : storeError('read', path)(error)
  }
  try {
    return await readAll(fd)
  } catch (error) {
    return storeError('read', path)(error)
  } finally {
    await close(fd)
  }
}

async function readAll(fd: number): Promise<string> {
  let buffer = Buffer.allocUnsafe(FIRST_READ)
  let length = 0
  for (;;) {
    const { bytesRead } = await read(fd, buffer, length, buffer.length - length, null)
    length += bytesRead
    if (length < buffer.length) return buffer.toString('utf8', 0, length) // a short read is the file's end
    buffer = Buffer.concat([buffer, Buffer.allocUnsafe(buffer.length)])
  }
}

/** Removes a file, or moves it to `aside`; false when there was none. */
export async function remove(path: string, aside?: string): Promise<boolean> {
  try {
    await (aside === undefined ? unlink(path) : rename(path, aside))
    return true
  } catch (error) {
    return hasCode(error, 'ENOENT') ? false : storeError('remove', path)(error)
  }
}

/** Creates a file that must not exist, for the owner alone from the first moment. */
export async function createExclusive(path: string): Promise<number> {
  const fd = await open(path, 'wx', 0o600)
  if (umaskHidesFromOwner) await fchmod(fd, 0o600)
  return fd
}

/** A umask takes bits away from the modes above; one that takes them from the owner has to be undone. */
const umaskHidesFromOwner = (process.umask() & 0o700) !== 0

/**
 * Makes a directory and those above it, for the owner alone from the first moment, whatever the umask. One that exists
 * stays as it is. Rejects with the system's own error. Node's `recursive` never comes to an end below /proc.
 */
export async function makeDirectory(path: string): Promise<void> {
  try {
    await makeOne(path)
  } catch (error) {
    if (!hasCode(error, 'ENOENT') || dirname(path) === path) throw error
    await makeDirectory(dirname(path))
    await makeOne(path) // once: below /proc a directory never comes to be
  }
}

/** The same for one whose parent exists. */
export async function makeOne(path: string): Promise<void> {
  try {
    await mkdir(path, 0o700)
    if (umaskHidesFromOwner) await chmod(path, 0o700)
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error
  }
}

export async function writeAndClose(fd: number, text: string): Promise<void> {
  try {
    await write(fd, text)
  } finally {
    await close(fd)
  }
}

/** Replaces `to` in one step, for every reader. */
export const rename: typeof fs.rename.__promisify__ = promisify(fs.rename)

/** Writes a whole new file in place of what is there. */
export async function replace(path: string, text: string): Promise<void> {
  const fd = await open(path, 'w', 0o600)
  await writeAndClose(fd, text)
}
