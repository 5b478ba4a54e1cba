import { realpath } from 'node:fs/promises'
import { SessionError } from '@sess/core'
import { Level } from 'level'
import { isLocked, openError } from './errors.js'
import { isOpenHere } from './lease.js'

/**
 * Rebuilds a damaged database from what can be read of it. What can't is lost, and a session that was ended shortly
 * before the damage may be back: where that matters, remove the directory instead. Twice is the same as once.
 * @throws {SessionError} `SESS_STORE` when the directory is in use, or missing
 */
export async function repairDirectory(directory: string, provider: string): Promise<void> {
  try {
    const location = await realpath(directory)
    if (isOpenHere(location)) throw new SessionError('SESS_STORE', `${location} is in use: close its managers first`)
    await refuseIfInUse(location)
    await Classic.repair(location)
  } catch (error) {
    throw error instanceof SessionError ? error : openError(error, directory, provider)
  }
}

/** In Node, `Level` is classic-level's class; its types are those that it shares with browsers. */
const Classic = Level as unknown as { repair(location: string): Promise<void> }

/** LevelDB's own repair looks at no lock, and would destroy a database that is in use. */
async function refuseIfInUse(location: string): Promise<void> {
  const level = new Level(location, { createIfMissing: false })
  try {
    await level.open()
  } catch (error) {
    if (isLocked(error)) throw error
  } finally {
    await level.close()
  }
}
