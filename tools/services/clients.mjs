import { connect } from 'node:net'
import { findPrograms, runProgram } from './program.mjs'

/**
 * What the tests of this folder ask servers with: one request on a connection of its own, and the answer. Each rejects
 * when time is up.
 * @type {Record<string, (service: { port: number, folder: string }, request: string, seconds?: number) => Promise<string>>}
 */
export const ask = {
  redis: ({ port }, request, seconds) => line(port, request, seconds),
  memcached: ({ port }, request, seconds) => line(port, request, seconds),
  postgres: ({ port, folder }, sql, seconds) =>
    client(['psql'], ['-h', '127.0.0.1', '-p', String(port), '-U', 'postgres', '-XAtqc', sql], folder, seconds),
  mariadb: ({ port, folder }, sql, seconds) =>
    client(['mariadb', 'mysql'], ['-h127.0.0.1', `-P${port}`, '-uroot', '-N', 'sess', '-e', sql], folder, seconds),
}

/** The first line of the answer. @param {number} port @param {string} request @returns {Promise<string>} */
function line(port, request, seconds = 5) {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: seconds * 1000 })
    let answer = ''
    socket.write(`${request}\r\n`)
    socket.on('data', (chunk) => {
      answer += chunk
      if (answer.includes('\n')) socket.end()
    })
    socket.on('timeout', () => socket.destroy(new Error('no answer')))
    socket.on('error', reject)
    socket.on('close', () => resolve(answer.split('\r\n')[0] ?? ''))
  })
}

/** @param {string[]} names @param {string[]} args @param {string} folder */
async function client(names, args, folder, seconds = 5) {
  const found = findPrograms({ client: names }, ['/usr/lib/postgresql/*/bin'])
  if (!found?.client) throw new Error(`No ${names.join(' or ')} here`)
  return (await runProgram(found.client, args, { folder, seconds })).trim()
}
