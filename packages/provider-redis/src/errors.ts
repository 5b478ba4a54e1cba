/**
 * What ioredis throws, made into errors that hold no arguments of commands: these may be a password, or a session.
 * @module
 */
import { SessionError } from '@sess/core'

export const PROVIDER = 'redis'

/** The server answered, with an error: the command was not carried out. */
export class Refusal extends SessionError {
  /** What the server said. */
  readonly reply: string

  constructor(reply: string, cause: Error) {
    super('SESS_STORE', `redis refused a command: ${reply}`, { cause, provider: PROVIDER })
    this.reply = reply
  }
}

/** No answer came: nobody knows whether the command was carried out. Core looks what a save came to. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer'
}

/** The command was not sent, since the server can't be reached. */
export const away = (reason: Error): SessionError =>
  new SessionError('SESS_STORE', `redis can't be reached: ${reason.message}`, { cause: reason, provider: PROVIDER })

/** The error of a command. */
export function errorOf(error: unknown): Error {
  const cause = withoutArguments(error)
  if (cause.name === 'ReplyError') return new Refusal(cause.message, cause)
  return new NoAnswer(cause.message, { cause })
}

const LOST = 'the connection was lost before the answer came'

/** A copy: ioredis adds the command to its errors, AUTH and its password too, and the server quotes unknown ones. */
export function withoutArguments(error: unknown): Error {
  const { name, message, code } = error as { name?: unknown; message?: unknown; code?: unknown }
  const isLost = name === 'MaxRetriesPerRequestError' || name === 'AbortError'
  const text = isLost ? LOST : String(message ?? error).replace(/,? with args beginning with:.*/s, '')
  const copy = new Error(text)
  if (typeof name === 'string') copy.name = name
  return typeof code === 'string' ? Object.assign(copy, { code }) : copy
}
