/** Seconds from which a time to live is a date. */
const MAX_RELATIVE = 30 * 24 * 3600

/** @typedef {{ value: Buffer, flags: number, cas: bigint, expiry: number }} Document */

const seconds = () => Math.floor(Date.now() / 1000)

/** The documents of one collection. */
export class Documents {
  /** @type {Map<string, Document>} */
  #documents = new Map()
  static #lastCas = 0n

  /** @param {string} key @returns {Document | undefined} */
  get(key) {
    const document = this.#documents.get(key)
    if (!document || document.expiry === 0 || document.expiry > seconds()) return document
    this.#documents.delete(key)
    return undefined
  }

  /** @param {string} key @param {Buffer} value @param {number} flags @param {number} expiry as a request has it */
  put(key, value, flags, expiry) {
    const document = { value: Buffer.from(value), flags, cas: Documents.#nextCas(), expiry: dateOf(expiry) }
    this.#documents.set(key, document)
    return document
  }

  /** Another expiry, and another CAS with it, as Couchbase has it. @param {Document} document @param {number} expiry */
  touch(document, expiry) {
    document.expiry = dateOf(expiry)
    document.cas = Documents.#nextCas()
  }

  /** @param {string} key */
  remove(key) {
    this.#documents.delete(key)
    return Documents.#nextCas()
  }

  /** The keys of the living ones. */
  keys() {
    return [...this.#documents.keys()].filter((key) => this.get(key))
  }

  /** A clock's nanoseconds, never the same twice. */
  static #nextCas() {
    const now = BigInt(Date.now()) * 1_000_000n
    Documents.#lastCas = now > Documents.#lastCas ? now : Documents.#lastCas + 1n
    return Documents.#lastCas
  }
}

/** @param {number} expiry */
const dateOf = (expiry) => (expiry === 0 ? 0 : expiry > MAX_RELATIVE ? expiry : seconds() + expiry)
