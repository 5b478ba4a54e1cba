/**
 * Encryption at rest: AES-256-GCM for each value, bound to the id of its session and to its key, so that whoever can
 * write to the store can't move values. See `decisions/010-encryption.md`.
 * @module
 */
import { builtin } from './builtin.js'
import { SessionError, show } from './errors.js'

/** The values of one record, encrypted and decrypted. Both take and give JSON on one line. */
export interface RecordCipher {
  seal(text: string, key: string): string
  /** @throws {SessionError} `SESS_CORRUPT` on what `seal` did not make for this record and this key */
  open(sealed: string, key: string): string
}

const ALGORITHM = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16
const NAME_BYTES = 6

/** `"1.<name of the key>.<nonce, ciphertext, tag>"`; the number is the format's. */
const SEALED = /^"1\.([\w-]{8})\.([\w-]+)"$/

/**
 * Where there is no key: an encrypted value is not to be taken for a text.
 * @param text of a value of core's own; all values of a session are encrypted, or none
 * @throws {SessionError} `SESS_CORRUPT`
 */
export function refuseSealed(text: string | undefined, id: string): void {
  if (text === undefined || !SEALED.test(text)) return
  throw new SessionError('SESS_CORRUPT', `session ${id}: its values are encrypted, and option encryptionKey is not set`)
}

interface MasterKey {
  /** Says which key encrypted a value, and nothing else of it. */
  readonly name: string
  readonly bytes: Uint8Array
}

export class ValueCipher {
  readonly #keys: readonly MasterKey[]
  readonly #report: (error: Error) => void

  /**
   * @param keys of 32 bytes; the first encrypts, all decrypt
   * @param report is told of each value that does not authenticate
   */
  constructor(keys: readonly Uint8Array[], report: (error: Error) => void) {
    this.#keys = keys.map((bytes) => ({ bytes, name: derive(bytes, 'name', NAME_BYTES).toString('base64url') }))
    this.#report = report
  }

  /** For the record under one id. */
  of(id: string): RecordCipher {
    const derived = new Map<string, Buffer>()
    // A key for each record: random nonces of 96 bits are safe for 2^32 values of one key, not for all of a store.
    const keyNamed = (name: string): Buffer | undefined => {
      const master = this.#keys.find((key) => key.name === name)
      if (master && !derived.has(name)) derived.set(name, derive(master.bytes, `record ${id}`, master.bytes.length))
      return derived.get(name)
    }
    return {
      seal: (text, key) => {
        const { name } = this.#keys[0]!
        return `"1.${name}.${encrypt(text, keyNamed(name)!, boundTo(id, key)).toString('base64url')}"`
      },
      open: (sealed, key) => {
        const [, name, data] = SEALED.exec(sealed) ?? []
        if (name === undefined || data === undefined) throw this.#refuse(id, key, 'one that is not encrypted')
        const recordKey = keyNamed(name)
        if (!recordKey) throw this.#refuse(id, key, 'one of another key')
        const text = decrypt(Buffer.from(data, 'base64url'), recordKey, boundTo(id, key))
        if (text === undefined) throw this.#refuse(id, key, 'one that does not authenticate')
        return text
      },
    }
  }

  #refuse(id: string, key: string, got: string): SessionError {
    const expected = 'expected a value that encryptionKey encrypted for this session and key'
    const error = new SessionError('SESS_CORRUPT', `session ${id}, ${show(key)}: ${expected}, got ${got}`)
    this.#report(error)
    return error
  }
}

/** RFC 5869. */
function derive(key: Uint8Array, purpose: string, length: number): Buffer {
  return Buffer.from(builtin('crypto').hkdfSync('sha256', key, '', `@sess/core ${purpose}`, length))
}

/** Ids have no line break. */
const boundTo = (id: string, key: string): Buffer => Buffer.from(`${id}\n${key}`)

function encrypt(text: string, key: Buffer, bound: Buffer): Buffer {
  const { createCipheriv, randomBytes } = builtin('crypto')
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES }).setAAD(bound)
  return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
}

/** `undefined` when it does not authenticate. */
function decrypt(data: Buffer, key: Buffer, bound: Buffer): string | undefined {
  if (data.length < NONCE_BYTES + TAG_BYTES) return undefined
  const nonce = data.subarray(0, NONCE_BYTES)
  const options = { authTagLength: TAG_BYTES }
  const decipher = builtin('crypto').createDecipheriv(ALGORITHM, key, nonce, options).setAAD(bound)
  decipher.setAuthTag(data.subarray(-TAG_BYTES))
  const text = decipher.update(data.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8')
  try {
    return text + decipher.final('utf8')
  } catch {
    return undefined // the caller makes an error of it that says which value
  }
}
