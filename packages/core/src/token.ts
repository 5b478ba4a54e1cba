/**
 * The token in the cookie and the id that names its session. The store knows only the id, so that a stolen dump opens
 * no session (OWASP session management; rack CVE-2019-16782).
 * @module
 */
import { builtin } from './builtin.js'

const TOKEN_BYTES = 24
const VERSION_BYTES = 9
const POOL_BYTES = 8184 // a multiple of both

/** Random bytes are drawn many at a time: one draw costs 20 times what it takes to cut a token off the pool. */
let pool: Buffer | undefined
let used = POOL_BYTES

function randomText(bytes: number): string {
  const crypto = builtin('crypto')
  pool ??= Buffer.allocUnsafeSlow(POOL_BYTES)
  if (used + bytes > POOL_BYTES) {
    crypto.randomFillSync(pool) // throws when the source fails: there is no fallback
    used = 0
  }
  const text = pool.toString('base64url', used, used + bytes)
  pool.fill(0, used, used + bytes) // a token is never twice in memory that we keep
  used += bytes
  return text
}

/** A new token: 192 random bits as 32 characters of base64url. Throws when the system's random source fails. */
export const newToken = (): string => randomText(TOKEN_BYTES)

/** The token that comes after another: who lacks one of the two, the old token or the salt, can't tell it. */
export const renewedToken = (token: string, salt: string): string =>
  mac(token, salt).subarray(0, TOKEN_BYTES).toString('base64url')

/** A version that no other save has: 72 random bits as 12 characters. */
export const newVersion = (): string => randomText(VERSION_BYTES)

const TOKEN = /^[A-Za-z0-9_-]{32}$/

/** Whether a text has a token's shape. Anything else never gets near a store. */
export const isToken = (text: string): boolean => TOKEN.test(text)

type Hash = (algorithm: string, data: string, encoding: 'base64url') => string
let hash: Hash | undefined

/** `crypto.hash` takes half the time of a Hash object, where Node has it (20.12 and 21.7 up). */
function findHash(): Hash {
  const crypto = builtin('crypto')
  const hashObject: Hash = (algorithm, data, encoding) => crypto.createHash(algorithm).update(data).digest(encoding)
  return (crypto as { hash?: Hash }).hash ?? hashObject
}

/** The id of a token's session: `base64url(SHA-256(token))`, cut to `length` characters. */
export const idOf = (token: string, length: number): string =>
  (hash ??= findHash())('sha256', token, 'base64url').slice(0, length)

/** Signs tokens, so that a forged one is refused without asking the store. */
export class TokenSigner {
  readonly #secrets: readonly string[]

  /** @param secrets the first signs, all verify */
  constructor(secrets: readonly string[]) {
    this.#secrets = secrets
  }

  /** Whether there are several secrets, so that a cookie may be signed by an older one. */
  get isRotating(): boolean {
    return this.#secrets.length > 1
  }

  /** Whether a text that was verified was signed by another secret than the first. */
  isOutdated(signed: string): boolean {
    return signed !== this.sign(signed.split('.', 1)[0]!)
  }

  sign(token: string): string {
    return `${token}.${mac(this.#secrets[0]!, token).toString('base64url')}`
  }

  /** The token of a signed text; `undefined` when no secret signed it. */
  verify(signed: string): string | undefined {
    const [token, signature, more] = signed.split('.')
    if (token === undefined || signature === undefined || more !== undefined || !isToken(token)) return undefined
    const given = Buffer.from(signature, 'base64url')
    for (const secret of this.#secrets) {
      const expected = mac(secret, token)
      if (given.length === expected.length && builtin('crypto').timingSafeEqual(given, expected)) return token
    }
    return undefined
  }
}

const mac = (secret: string, token: string): Buffer =>
  builtin('crypto').createHmac('sha256', secret).update(token).digest()
