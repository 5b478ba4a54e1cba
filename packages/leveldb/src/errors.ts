/**
 * What LevelDB throws, made into errors that say what to do.
 * @module
 */
import { SessionError } from '@sess/core'

interface LevelError extends Error {
  readonly code?: string
}

const codesOf = (error: unknown): (string | undefined)[] => {
  const { code, cause } = error as LevelError
  return [code, (cause as LevelError | undefined)?.code]
}

const isCorruption = (error: unknown): boolean => codesOf(error).includes('LEVEL_CORRUPTION')
const isNotOpen = (error: unknown): boolean => codesOf(error).includes('LEVEL_DATABASE_NOT_OPEN')

/** Whether somebody else has the directory open. */
export const isLocked = (error: unknown): boolean => codesOf(error).includes('LEVEL_LOCKED')

/** Why a directory could not be opened. */
export function openError(error: unknown, location: string, provider: string): SessionError {
  const options = { cause: error, provider }
  if (isLocked(error)) {
    const message =
      `provider ${provider}: ${location} is open in another process or worker thread. Only one process at a time may open ` +
      'it, in one thread, with as many managers as it likes. Several need a store that they share: redis, postgres or mysql'
    return new SessionError('SESS_STORE', message, options)
  }
  if (isCorruption(error)) return corrupted(error, location, provider)
  return new SessionError('SESS_STORE', `provider ${provider} could not open ${location}: ${reasonOf(error)}`, options)
}

/** An error of an operation: damage is told as such, and what failed to open anew; anything else stays what it is. */
export function operationError(error: unknown, location: string, provider: string): unknown {
  if (isNotOpen(error)) return openError(error, location, provider)
  return isCorruption(error) ? corrupted(error, location, provider) : error
}

function corrupted(error: unknown, location: string, provider: string): SessionError {
  const message =
    `provider ${provider}: the database in ${location} is damaged (${reasonOf(error)}). Stop the application and call ` +
    `repair() of @sess/provider-${provider}, which keeps what can be read, or remove the directory, which ends all sessions`
  return new SessionError('SESS_CORRUPT', message, { cause: error, provider })
}

function reasonOf(error: unknown): string {
  const { cause, message } = error as LevelError
  return cause instanceof Error ? cause.message : message
}
