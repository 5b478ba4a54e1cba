import { connect } from 'node:net'

/**
 * Opens a connection, sends what is given, and tells whether the answer, as far as it has come, is the expected one.
 * No connection, no answer within a second, another one: false.
 * @param {number} port
 * @param {string | Buffer} request empty: the server speaks first
 * @param {(answer: Buffer) => boolean} expected
 * @returns {Promise<boolean>}
 */
export function answers(port, request, expected) {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: 1000 })
    let answer = Buffer.alloc(0)
    /** @param {boolean} result */
    const settle = (result) => {
      socket.destroy()
      resolve(result)
    }
    if (request.length > 0) socket.write(request)
    socket.on('data', (chunk) => {
      answer = Buffer.concat([answer, chunk])
      if (expected(answer)) settle(true)
    })
    socket.on('error', () => settle(false))
    socket.on('timeout', () => settle(false))
    socket.on('close', () => settle(false))
  })
}
