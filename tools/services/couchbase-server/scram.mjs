import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto'

/** Mechanisms, the first one preferred, with their hash functions. */
export const mechanisms = { 'SCRAM-SHA512': 'sha512', 'SCRAM-SHA256': 'sha256', 'SCRAM-SHA1': 'sha1' }

const ITERATIONS = 4096

/** The server's side of one SCRAM log-in (RFC 5802). */
export class Scram {
  #hash
  #users
  #clientFirst = ''
  #serverFirst = ''
  #user = ''
  #salt = randomBytes(16)

  /** @param {string} hash @param {Record<string, string>} users passwords by name */
  constructor(hash, users) {
    this.#hash = hash
    this.#users = users
  }

  /** @param {string} message `n,,n=user,r=nonce` */
  first(message) {
    this.#clientFirst = message.replace(/^[^,]*,[^,]*,/, '')
    const { n = '', r = '' } = fields(this.#clientFirst)
    this.#user = n.replaceAll('=2C', ',').replaceAll('=3D', '=')
    const nonce = r + randomBytes(12).toString('hex')
    this.#serverFirst = `r=${nonce},s=${this.#salt.toString('base64')},i=${ITERATIONS}`
    return this.#serverFirst
  }

  /** @param {string} message `c=biws,r=nonce,p=proof` @returns {string | undefined} undefined: a wrong password */
  final(message) {
    const { p = '' } = fields(message)
    const withoutProof = message.slice(0, message.lastIndexOf(',p='))
    const authMessage = `${this.#clientFirst},${this.#serverFirst},${withoutProof}`
    const password = this.#users[this.#user]
    const length = createHash(this.#hash).digest().length
    const salted = pbkdf2Sync(password ?? randomBytes(16), this.#salt, ITERATIONS, length, this.#hash)
    const clientKey = this.#hmac(salted, 'Client Key')
    const storedKey = createHash(this.#hash).update(clientKey).digest()
    const signature = this.#hmac(storedKey, authMessage)
    const expected = clientKey.map((byte, i) => byte ^ (signature[i] ?? 0))
    const proof = Buffer.from(p, 'base64')
    if (password === undefined || proof.length !== length || !timingSafeEqual(proof, expected)) return undefined
    return `v=${this.#hmac(this.#hmac(salted, 'Server Key'), authMessage).toString('base64')}`
  }

  /** @param {Buffer} key @param {string} text */
  #hmac(key, text) {
    return createHmac(this.#hash, key).update(text).digest()
  }
}

/** @param {string} message @returns {Record<string, string>} */
const fields = (message) => Object.fromEntries(message.split(',').map((part) => [part[0], part.slice(2)]))
