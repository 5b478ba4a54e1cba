import { carryOut, isDocumentCommand, isMutation } from './commands.mjs'
import { COLLECTIONS, features, MUTATION_SEQNO, nameOf, opcodes, statuses } from './names.mjs'
import { answerTo, lengthOf, split } from './packet.mjs'
import { mechanisms, Scram } from './scram.mjs'

/**
 * @typedef {import('./packet.mjs').Request} Request
 * @typedef {import('./packet.mjs').Answer} Answer
 */

/** One client's connection: what it agreed on, who it is, which bucket it selected. */
export class Connection {
  #socket
  #bucket
  #control
  /** @type {Buffer[]} */
  #pieces = []
  #length = 0
  /** Bytes of the request that is under way. */
  #needed = 0
  /** @type {number[]} */
  #features = []
  /** @type {Scram | undefined} */
  #scram
  #isKnown = false
  #hasBucket = false
  #seqno = 0n

  /**
   * @param {import('node:net').Socket} socket
   * @param {import('./bucket.mjs').Bucket} bucket
   * @param {import('./control.mjs').Control} control
   */
  constructor(socket, bucket, control) {
    this.#socket = socket
    this.#bucket = bucket
    this.#control = control
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => this.#take(/** @type {Buffer} */ (chunk)))
  }

  /** What is large comes in many pieces, which are put together once. @param {Buffer} chunk */
  #take(chunk) {
    this.#pieces.push(chunk)
    this.#length += chunk.length
    if (this.#length < this.#needed) return
    const { requests, rest } = split(Buffer.concat(this.#pieces))
    this.#pieces = [rest]
    this.#length = rest.length
    this.#needed = lengthOf(rest)
    for (const request of requests) this.#serve(request)
  }

  /** @param {Request} request */
  #serve(request) {
    if (this.#socket.destroyed) return
    const name = nameOf.get(request.opcode) ?? `0x${request.opcode.toString(16)}`
    this.#control.note(name)
    const fault = this.#control.faultOf(name)
    if (fault === 'silent') return
    if (fault === 'drop') return void this.#socket.destroy()
    const answer = fault && fault !== 'lose' ? { status: statuses[fault] } : this.#answer(request)
    if (fault === 'lose') return void this.#socket.destroy()
    this.#socket.write(answerTo(request, answer))
  }

  /** @param {Request} request @returns {Answer} */
  #answer(request) {
    const greeting = this.#greetings[request.opcode]
    if (greeting) return greeting(request)
    if (!this.#isKnown) return { status: statuses.unauthorized }
    if (request.opcode === opcodes.selectBucket) return this.#select(request)
    if (request.opcode === opcodes.clusterConfig) return { value: JSON.stringify(this.#config()) }
    if (request.opcode === opcodes.noop) return {}
    if (request.opcode === opcodes.collectionId) return this.#collectionId(request)
    if (!isDocumentCommand(request.opcode)) return { status: statuses.unknownCommand }
    if (!this.#hasBucket) return { status: statuses.noBucket }
    const answer = carryOut(request, this.#bucket, this.#features.includes(COLLECTIONS))
    const isNumbered = !answer.status && isMutation(request.opcode) && this.#features.includes(MUTATION_SEQNO)
    return isNumbered ? { ...answer, extras: this.#mutationToken() } : answer
  }

  /** What may come before the log-in. @type {Record<number, (request: Request) => Answer>} */
  #greetings = {
    [opcodes.hello]: ({ value }) => {
      const asked = Array.from({ length: value.length / 2 }, (_, i) => value.readUInt16BE(i * 2))
      this.#features = asked.filter((feature) => features.includes(feature))
      return { value: Buffer.from(this.#features.flatMap((feature) => [feature >> 8, feature & 0xff])) }
    },
    [opcodes.errorMap]: () => ({ value: JSON.stringify({ version: 2, revision: 1, errors: {} }) }),
    [opcodes.saslMechanisms]: () => ({ value: [...Object.keys(mechanisms), 'PLAIN'].join(' ') }),
    [opcodes.saslAuth]: ({ key, value }) => this.#authenticate(key.toString(), value.toString()),
    [opcodes.saslStep]: ({ value }) => {
      const proof = this.#scram?.final(value.toString())
      this.#isKnown = proof !== undefined
      return proof === undefined ? { status: statuses.unauthorized } : { value: proof }
    },
  }

  /** @param {string} mechanism @param {string} message @returns {Answer} */
  #authenticate(mechanism, message) {
    const hash = Object.entries(mechanisms).find(([name]) => name === mechanism)?.[1]
    if (hash) {
      this.#scram = new Scram(hash, this.#bucket.users)
      return { status: statuses.more, value: this.#scram.first(message) }
    }
    const [, user = '', password] = message.split('\0')
    const passwords = new Map(Object.entries(this.#bucket.users))
    this.#isKnown = mechanism === 'PLAIN' && passwords.has(user) && passwords.get(user) === password
    return this.#isKnown ? {} : { status: statuses.unauthorized }
  }

  /** @param {Request} request @returns {Answer} */
  #select({ key }) {
    this.#hasBucket = key.toString() === this.#bucket.name
    return this.#hasBucket ? {} : { status: statuses.noAccess }
  }

  #config() {
    return this.#hasBucket ? this.#bucket.config() : this.#bucket.clusterConfig()
  }

  /** @param {Request} request @returns {Answer} */
  #collectionId({ key, value }) {
    const path = (value.length > 0 ? value : key).toString()
    const number = this.#bucket.collections.get(path)
    if (number === undefined) {
      const isScope = this.#bucket.scopes.includes(path.split('.')[0] ?? '')
      return { status: isScope ? statuses.unknownCollection : statuses.unknownScope }
    }
    const extras = Buffer.alloc(12)
    extras.writeBigUInt64BE(1n)
    extras.writeUInt32BE(number, 8)
    return { extras }
  }

  /** The vbucket's identity, and the number of the change. */
  #mutationToken() {
    const extras = Buffer.alloc(16)
    extras.writeBigUInt64BE(1n)
    extras.writeBigUInt64BE(++this.#seqno, 8)
    return extras
  }
}
