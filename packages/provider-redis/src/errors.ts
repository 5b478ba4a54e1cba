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

/** The server does not have a command, not for us, or not for keys that lie on several servers behind it. */
export const isUnsupported = (error: unknown): boolean =>
  error instanceof Refusal && /unknown command|NOPERM|CROSSSLOT/i.test(error.reply)

/** No answer came: nobody knows whether the command was carried out. Core looks what a save came to. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer'
}

/** The command was not sent, since the server can't be reached. */
export const away = (reason: Error): SessionError =>
  new SessionError('SESS_STORE', `redis can't be reached: ${reason.message}`, { cause: reason, provider: PROVIDER })

/**
 * The error of a command.
 * @param reason why the connection was lost, where that is known
 */
export function errorOf(error: unknown, reason?: Error): Error {
  const cause = withoutArguments(error)
  if (cause.name === 'ReplyError') return new Refusal(cause.message, cause)
  if (reason && LOST.has(cause.name))
    return new NoAnswer(`the connection was lost: ${reason.message}`, { cause: reason })
  return new NoAnswer(cause.message, { cause })
}

/** What ioredis calls the errors of commands that were under way. */
const LOST: ReadonlySet<string> = new Set(['MaxRetriesPerRequestError', 'AbortError'])

/** A copy: ioredis adds the command to its errors, AUTH and its password too, and the server quotes unknown ones. */
export function withoutArguments(error: unknown): Error {
  const { name, message, code, lastNodeError } = error as Record<string, unknown>
  const isLost = LOST.has(String(name))
  const why = lastNodeError instanceof Error ? ` ${lastNodeError.message}` : '' // of a cluster
  const text = isLost ? 'the connection was lost' : String(message ?? error) + why
  const copy = new Error(text.replace(/,? with args beginning with:.*/s, ''))
  if (typeof name === 'string') copy.name = name
  return typeof code === 'string' ? Object.assign(copy, { code }) : copy
}
