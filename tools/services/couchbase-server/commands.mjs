import { opcodes, statuses } from './names.mjs'
import { vbucketOf } from './vbucket.mjs'

const MAX_KEY = 250
const MAX_VALUE = 20 * 1024 * 1024

/**
 * @typedef {import('./packet.mjs').Request} Request
 * @typedef {import('./packet.mjs').Answer} Answer
 * @typedef {import('./documents.mjs').Documents} Documents
 * @typedef {import('./documents.mjs').Document} Document
 * @typedef {{ request: Request, documents: Documents, key: string, document: Document | undefined }} Call
 */

/** @param {number} status @returns {Answer} */
const no = (status) => ({ status })

/** @param {number} number */
function u32(number) {
  const buffer = Buffer.alloc(4)
  buffer.writeUInt32BE(number)
  return buffer
}

/** @param {Document} document @returns {Answer} */
const found = ({ value, flags, cas }) => ({ extras: u32(flags), value, cas })

/** @param {Call} call @returns {Answer} */
function store({ request: { extras, value }, documents, key }) {
  if (extras.length !== 8) return no(statuses.invalid)
  if (value.length > MAX_VALUE) return no(statuses.tooBig)
  return { cas: documents.put(key, value, extras.readUInt32BE(0), extras.readUInt32BE(4)).cas }
}

/** A CAS of 0 in the request: whatever the document's is. @param {Call} call @param {(call: Call) => Answer} action @returns {Answer} */
function onCondition(call, action) {
  if (!call.document) return no(statuses.missing)
  if (call.request.cas !== 0n && call.request.cas !== call.document.cas) return no(statuses.exists)
  return action(call)
}

/** What is done to a document, by opcode. @type {Record<number, (call: Call) => Answer>} */
const commands = {
  [opcodes.get]: ({ document }) => (document ? found(document) : no(statuses.missing)),
  [opcodes.insert]: (call) => (call.document ? no(statuses.exists) : store(call)),
  [opcodes.replace]: (call) => onCondition(call, store),
  [opcodes.set]: (call) => (call.request.cas === 0n ? store(call) : onCondition(call, store)),
  [opcodes.remove]: (call) => onCondition(call, ({ documents, key }) => ({ cas: documents.remove(key) })),
  [opcodes.touch]: touch,
  [opcodes.getAndTouch]: touch,
  [opcodes.getMeta]({ document }) {
    if (!document) return no(statuses.missing)
    const extras = Buffer.concat([u32(0), u32(document.flags), u32(document.expiry), Buffer.alloc(9)])
    return { extras, cas: document.cas }
  },
}

/** @param {Call} call @returns {Answer} */
function touch({ request: { extras, opcode }, documents, document }) {
  if (extras.length !== 4) return no(statuses.invalid)
  if (!document) return no(statuses.missing)
  documents.touch(document, extras.readUInt32BE(0))
  return opcode === opcodes.touch ? { cas: document.cas } : found(document)
}

/** @param {number} opcode */
export const isDocumentCommand = (opcode) => opcode in commands

/** @param {number} opcode */
export const isMutation = (opcode) => [opcodes.set, opcodes.insert, opcodes.replace, opcodes.remove].includes(opcode)

/**
 * @param {Request} request
 * @param {import('./bucket.mjs').Bucket} bucket
 * @param {boolean} hasCollections whether keys begin with the number of their collection
 * @returns {Answer}
 */
export function carryOut(request, bucket, hasCollections) {
  const { number, key } = hasCollections ? collectionOf(request.key) : { number: 0, key: request.key }
  const documents = bucket.documents(number)
  if (!documents) return no(statuses.unknownCollection)
  if (key.length === 0 || key.length > MAX_KEY) return no(statuses.invalid)
  if (vbucketOf(key) !== request.vbucket)
    return { ...no(statuses.notMyVbucket), value: JSON.stringify(bucket.config()) }
  const name = key.toString('latin1')
  const command = commands[request.opcode]
  return command
    ? command({ request, documents, key: name, document: documents.get(name) })
    : no(statuses.unknownCommand)
}

/** The number is written in LEB128: 7 bits a byte, the lowest first. @param {Buffer} key */
function collectionOf(key) {
  let [number, at] = [0, 0]
  for (; at < key.length; at++) {
    const byte = key.readUInt8(at)
    number |= (byte & 0x7f) << (7 * at)
    if (byte < 0x80) break
  }
  return { number, key: key.subarray(at + 1) }
}
