import { hashPassword, isPassword } from './passwords.js'

/** The accounts of this process: gone when it ends. A real shop has a database here. */
export class Accounts {
  /** @type {Map<string, { name: string, hash: import('./passwords.js').PasswordHash }>} */
  #byName = new Map()

  /**
   * @param {string} name
   * @param {string} password
   * @returns {Promise<string | undefined>} what is wrong; nothing when the account was made
   */
  async signUp(name, password) {
    if (!/^[\p{L}\p{N} ._-]{2,32}$/u.test(name)) return 'A name has 2 to 32 letters, digits, spaces, dots or dashes.'
    if (password.length < 8 || password.length > 200) return 'A password has 8 to 200 characters.'
    const hash = await hashPassword(password)
    if (this.#byName.has(keyOf(name))) return 'This name is taken.'
    this.#byName.set(keyOf(name), { name, hash })
    return undefined
  }

  /**
   * @param {string} name
   * @param {string} password
   * @returns {Promise<string | undefined>} the name as it was signed up; nothing when name or password is wrong
   */
  async logIn(name, password) {
    const account = this.#byName.get(keyOf(name))
    const isRight = await isPassword(password.slice(0, 200), account?.hash)
    return isRight ? account?.name : undefined
  }
}

/** @param {string} name */
const keyOf = (name) => name.normalize('NFKC').toLowerCase()
