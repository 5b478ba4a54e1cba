import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

const derive = /** @type {(password: string, salt: Buffer, length: number) => Promise<Buffer>} */ (promisify(scrypt))

/** A salted hash. @typedef {{ readonly salt: Buffer, readonly key: Buffer }} PasswordHash */

/**
 * @param {string} password
 * @returns {Promise<PasswordHash>}
 */
export async function hashPassword(password) {
  const salt = randomBytes(16)
  return { salt, key: await derive(password, salt, 32) }
}

/** Takes the place of an account that does not exist. @type {PasswordHash} */
const nobody = { salt: Buffer.alloc(16), key: randomBytes(32) }

/**
 * Takes equally long whether or not there is such an account, so that time does not tell who has one.
 * @param {string} password
 * @param {PasswordHash | undefined} hash
 */
export async function isPassword(password, hash = nobody) {
  const key = await derive(password, hash.salt, hash.key.length)
  return timingSafeEqual(key, hash.key)
}
