/**
 * The one error of `@sess`, and its codes.
 * @module
 */

/** Every code that an error of `@sess` carries. `docs/errors.md` gives cause and cure of each. */
export const ERROR_CODES = [
  'SESS_OPTION',
  'SESS_PROVIDER_UNKNOWN',
  'SESS_PROVIDER_CONFLICT',
  'SESS_ID',
  'SESS_VALUE',
  'SESS_STORE',
  'SESS_TIMEOUT',
  'SESS_CORRUPT',
  'SESS_CONFLICT',
  'SESS_TOO_LARGE',
  'SESS_GONE',
  'SESS_OUTAGE',
  'SESS_NOT_LOADED',
  'SESS_HEADERS_SENT',
  'SESS_UNSUPPORTED',
  'SESS_CLOSED',
] as const

/** A stable name for what went wrong; match on it, never on a message. */
export type SessionErrorCode = (typeof ERROR_CODES)[number]

/** What {@link SessionError} takes besides code and message. */
export interface SessionErrorOptions {
  /** The error underneath, as the driver or the system gave it. */
  cause?: unknown
  /** The name of the provider in which it happened. */
  provider?: string
}

const BRAND = Symbol.for('@sess/core.SessionError')
const STORE_IS_AWAY: ReadonlySet<SessionErrorCode> = new Set(['SESS_STORE', 'SESS_TIMEOUT', 'SESS_OUTAGE'])

/**
 * What a session, a manager or a provider throws. Messages hold no token, password or connection string.
 * `instanceof` also recognises errors made by another copy of the package (ESM beside CommonJS).
 */
export class SessionError extends Error {
  /** Said, since the compiler to CommonJS loses it, and loggers show it. */
  static override get name(): string {
    return 'SessionError'
  }
  /** Which error this is; see `docs/errors.md`. */
  readonly code: SessionErrorCode
  /** The provider in which it happened, where one was involved. */
  readonly provider?: string
  /** The HTTP status that fits, as Express and Koa read it: 503 when the store is away, else 500. */
  readonly status: number
  /** Never show the message to a visitor. */
  readonly expose: boolean = false

  constructor(code: SessionErrorCode, message: string, options: SessionErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.name = 'SessionError'
    this.code = code
    this.status = STORE_IS_AWAY.has(code) ? 503 : 500
    if (options.provider !== undefined) this.provider = options.provider
    Object.defineProperty(this, BRAND, { value: true })
  }

  /** A response with {@link SessionError.status} and no body, not to be cached: what Hono answers by itself. */
  getResponse(): Response {
    return new Response(null, { status: this.status, headers: { 'Cache-Control': 'no-store' } })
  }

  /** Whether a value is one, whichever copy of the package made it. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && BRAND in value
  }
}

/**
 * A wrong option or config string: a `TypeError` that names the option, what was expected and what was given.
 * `instanceof` also recognises those of another copy of the package, by their code.
 */
export class OptionError extends TypeError {
  /** As that of {@link SessionError}. */
  static override get name(): string {
    return 'OptionError'
  }
  /** Always `SESS_OPTION`. */
  readonly code = 'SESS_OPTION' as const
  /** The option that is wrong. */
  readonly option: string

  constructor(option: string, expected: string, got: string, options?: { cause?: unknown }) {
    super(`option ${option}: expected ${expected}, got ${got}`, options)
    this.name = 'OptionError'
    this.option = option
  }

  /** Whether a value is one, whichever copy of the package made it. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && (value as { code?: unknown }).code === 'SESS_OPTION'
  }
}

/** Whether the store is away, or does not answer. */
export function isOutage(error: unknown): error is SessionError {
  return error instanceof SessionError && (error.code === 'SESS_STORE' || error.code === 'SESS_TIMEOUT')
}

/** For who goes on without what can't be read: nothing for `SESS_CORRUPT`. Any other error is thrown again. */
export function undefinedIfCorrupt(error: unknown): undefined {
  if (!(error instanceof SessionError) || error.code !== 'SESS_CORRUPT') throw error
}

/** What JSON leaves as it is, and terminals and logs obey: line breaks beyond ASCII, and what turns text around. */
const OBEYED = /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g
const LONGEST = 60
const NAME = /^[\w$-]{1,60}$/

const cut = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text)
const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
const quoted = (text: string): string => JSON.stringify(cut(text)).replace(OBEYED, escaped)

/** How a value is shown in a message: short, on one line, and never an object's contents. */
export function show(value: unknown): string {
  if (typeof value === 'string') return quoted(value)
  if (typeof value === 'bigint') return `${cut(String(value))}n`
  if (typeof value === 'symbol')
    return value.description === undefined ? 'Symbol()' : `Symbol(${showName(value.description)})`
  if (typeof value === 'function') return 'a function'
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (typeof value === 'object' && value !== null) return `an object (${classOf(value)})`
  return String(value)
}

/** Whether a text can stand in a message as it is. */
export const isName = (text: string): boolean => NAME.test(text)

/** The name of a key or a property, which may be a visitor's: as it is where it is one, else as `show` has it. */
export const showName = (name: string): string => (isName(name) ? name : quoted(name))

/** What parsed JSON has under `constructor` is no class. */
function classOf(value: object): string {
  const made: unknown = value.constructor
  if (made === undefined) return 'no prototype'
  return typeof made === 'function' ? showName(made.name) : 'another constructor'
}

/** Makes any thrown value a {@link SessionError}; one that is already, or an option error, stays as it is. */
export function toSessionError(error: unknown, doing: string, provider: string): Error {
  if (error instanceof SessionError || error instanceof OptionError) return error
  const reason = error instanceof Error ? error.message || error.name : String(error)
  return new SessionError('SESS_STORE', `provider ${provider} could not ${doing}: ${reason}`, {
    cause: error,
    provider,
  })
}
