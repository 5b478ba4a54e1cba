/**
 * The cookie of express-session, whose sessions go on when its middleware is replaced by ours.
 * @module
 */
import { checkCookieText, readCookie } from './cookie.js'
import { OptionError, show } from './errors.js'
import { TokenSigner } from './token.js'

/** Which cookie of express-session is taken, and who signed it. */
export interface ExpressCookieOptions {
  /** express-session's option `name`. @default 'connect.sid' */
  name?: string
  /** express-session's option `secret`; several: all are taken. */
  secret: string | readonly string[]
}

/** What express-session puts before a signed value. */
const SIGNED = 's:'

/** `s:`, the session id, a dot, and HMAC-SHA-256 in base64 without padding; percent-encoded (package `cookie-signature`). */
export class ExpressCookie {
  readonly #name: string
  readonly #signer: TokenSigner

  constructor({ name = 'connect.sid', secret }: ExpressCookieOptions) {
    this.#name = name
    this.#signer = new TokenSigner([secret].flat())
  }

  /**
   * The session id of express-session, which it makes as we make a token: 192 random bits in 32 characters.
   * `undefined` for one that another `genid` made, that nobody we know signed, or that is malformed.
   */
  tokenOf(header: string | undefined): string | undefined {
    const value = readCookie(header, this.#name)
    const text = value === undefined ? undefined : decoded(value)
    return text?.startsWith(SIGNED) ? this.#signer.verify(text.slice(SIGNED.length)) : undefined
  }
}

/**
 * The secrets may be short: they are what express-session signed with. No message shows them.
 * @throws {OptionError} `SESS_OPTION` on anything but a secret or several, and a name
 */
export function checkExpressCookie(option: string, value: unknown): void {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  if (!isObject) throw new OptionError(option, 'an object with secret and name', show(value))
  const { name = 'connect.sid', secret, ...others } = value as Record<string, unknown>
  for (const other of Object.keys(others)) throw new OptionError(option, 'secret and name', show(other))
  if (typeof name !== 'string') throw new OptionError(option, 'name to be a text', show(name))
  checkCookieText(option, name, 'name')
  const secrets = [secret].flat()
  if (secrets.length > 0 && secrets.every((text) => typeof text === 'string' && text !== '')) return
  throw new OptionError(option, 'secret to be one or several texts', 'something else')
}

function decoded(value: string): string | undefined {
  try {
    return decodeURIComponent(value)
  } catch {
    return undefined // a malformed cookie is no cookie
  }
}
