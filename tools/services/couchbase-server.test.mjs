import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { opcodes, statuses } from './couchbase-server/names.mjs'
import { service } from './vitest.mjs'

const couchbase = await service('couchbase', { own: true })

/** Sends requests on one connection, and gives the status of each answer. @param {Buffer[]} requests @returns {Promise<number[]>} */
function statusesOf(requests) {
  return new Promise((resolve, reject) => {
    let answers = Buffer.alloc(0)
    /** @type {number[]} */
    const found = []
    const socket = connect(couchbase.servers[0]?.port ?? 0, '127.0.0.1', () => socket.write(Buffer.concat(requests)))
    socket.on('error', reject)
    socket.on('data', (chunk) => {
      answers = Buffer.concat([answers, /** @type {Buffer} */ (chunk)])
      while (answers.length >= 24 && answers.length >= 24 + answers.readUInt32BE(8)) {
        found.push(answers.readUInt16BE(6))
        answers = answers.subarray(24 + answers.readUInt32BE(8))
      }
      if (found.length < requests.length) return
      resolve(found)
      socket.destroy()
    })
  })
}

/** @param {number} opcode @param {{ key?: string, value?: string, vbucket?: number }} [parts] */
function request(opcode, { key = '', value = '', vbucket = 0 } = {}) {
  const header = Buffer.alloc(24)
  header.writeUInt8(0x80, 0)
  header.writeUInt8(opcode, 1)
  header.writeUInt16BE(key.length, 2)
  header.writeUInt16BE(vbucket, 6)
  header.writeUInt32BE(key.length + value.length, 8)
  return Buffer.concat([header, Buffer.from(key + value)])
}

const { user, password } = { user: 'app', password: 'p@ss:word/1' }
const login = request(opcodes.saslAuth, { key: 'PLAIN', value: `\0${user}\0${password}` })
const select = request(opcodes.selectBucket, { key: 'sessions' })

describe("couchbase's test server", () => {
  it('lets nobody in without a log-in, or with a wrong password', async () => {
    const wrong = request(opcodes.saslAuth, { key: 'PLAIN', value: `\0${user}\0wrong` })
    const get = request(opcodes.get, { key: 'a' })
    const { unauthorized } = statuses
    expect(await statusesOf([get, wrong, get])).toEqual([unauthorized, unauthorized, unauthorized])
  })

  it('refuses what it does not know', async () => {
    expect(await statusesOf([login, select, request(0xd0, { key: 'a' })])).toEqual([0, 0, statuses.unknownCommand])
  })

  it('refuses another bucket, a collection that is not there, and a part of the bucket that is not the key’s', async () => {
    const other = request(opcodes.selectBucket, { key: 'other' })
    const collection = request(opcodes.collectionId, { value: 'shop.nowhere' })
    const scope = request(opcodes.collectionId, { value: 'nowhere.at-all' })
    const { noAccess, unknownCollection, unknownScope } = statuses
    expect(await statusesOf([login, other, collection, scope])).toEqual([0, noAccess, unknownCollection, unknownScope])
    const gets = Array.from({ length: 64 }, (_, vbucket) => request(opcodes.get, { key: 'a', vbucket }))
    const [, , ...found] = await statusesOf([login, select, ...gets])
    expect(found.filter((status) => status === statuses.missing)).toHaveLength(1)
    expect(found.filter((status) => status === statuses.notMyVbucket)).toHaveLength(63)
  })

  it('refuses keys that are empty or over 250 bytes', async () => {
    const keys = ['', 'x'.repeat(251)].map((key) => request(opcodes.get, { key }))
    expect(await statusesOf([login, select, ...keys])).toEqual([0, 0, statuses.invalid, statuses.invalid])
  })
})
