// What a request costs as the work grows: node growth.mjs [--json file]. Takes some minutes.
//   sessions     1,000 to 1,000,000 of 100 B in the store, read in an order of chance; without HTTP
//   size         a session of 100 B to 1 MB: one small value is read, and another one counted up; without HTTP
//   connections  1 to 256 at a time that read a session of 1 KB; over HTTP
import '@sess/provider-ledis'
import '@sess/provider-redis'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startService } from '../tools/services/index.mjs'
import { cpuOf, inside } from './inside.mjs'
import { median } from './statistics.mjs'
import { Server } from './subject.mjs'

const { values: asked } = parseArgs({ options: { json: { type: 'string' } } })
const folder = mkdtempSync(join(tmpdir(), 'sess-growth-'))
const redis = await startService('redis', { config: { appendonly: false } })
Object.assign(process.env, redis.env)
let made = 0
const optionsOf = {
  memory: () => ({ provider: 'memory' }),
  file: () => ({ provider: 'file', providerConfig: join(folder, String(made++)) }),
  ledis: () => ({ provider: 'ledis', providerConfig: `data_dir=${join(folder, String(made++))}` }),
  redis: () => ({ provider: 'redis', providerConfig: `${redis.env.REDIS_URL}?prefix=growth-${made++}:` }),
}
const backends = Object.keys(optionsOf)
const results = []

/** Keeps a figure and prints it. */
function note(axis, backend, at, value, unit) {
  results.push({ axis, backend, at, value, unit })
  console.log(
    `${axis.padEnd(12)} ${backend.padEnd(8)} ${String(at).padStart(8)} ${value.toFixed(1).padStart(9)} ${unit}`,
  )
}

const VISITS = 20_000
/** Files are made some thousands a second. */
const MOST_SESSIONS = { file: 100_000 }

async function growSessions(backend) {
  const { visit, close } = await inside(optionsOf[backend]())
  const cookies = []
  const begin = async (n) => (cookies[n] = await visit(undefined, (session) => session.set('text', 'x'.repeat(50))))
  for (const count of [1000, 10_000, 100_000, 1_000_000]) {
    if (count > (MOST_SESSIONS[backend] ?? count)) break
    const before = cookies.length
    await cpuOf(count - before, (n) => begin(before + n))
    const visitors = Array.from({ length: VISITS }, () => cookies[Math.floor(Math.random() * count)])
    const rounds = []
    for (let round = 0; round < 3; round++) {
      rounds.push(await cpuOf(VISITS, (n) => visit(visitors[n], (session) => session.get('text'))))
    }
    note('sessions', backend, count, median(rounds), 'µs')
  }
  await close()
}

async function growSize(backend) {
  const { visit, close } = await inside({ ...optionsOf[backend](), storeTimeout: 30 })
  for (const size of [100, 1000, 10_000, 100_000, 1_000_000]) {
    const cookies = []
    for (let n = 0; n < 32; n++) {
      cookies.push(
        await visit(undefined, (session) => {
          session.set('count', 0)
          session.set('name', 'Ada')
          session.set('text', 'x'.repeat(size - 90))
        }),
      )
    }
    const visits = Math.min(5000, Math.max(128, 50_000_000 / size))
    const read = (n) => visit(cookies[n % 32], (session) => session.get('name'))
    const write = (n) => visit(cookies[n % 32], (session) => session.set('count', session.get('count') + 1))
    await cpuOf(visits / 4, write)
    note('read size', backend, size, await cpuOf(visits, read), 'µs')
    note('write size', backend, size, await cpuOf(visits, write), 'µs')
  }
  await close()
}

async function growConnections(subject) {
  const server = await Server.start(subject)
  await server.load('/read', { seconds: 1 })
  for (const connections of [1, 4, 16, 64, 256]) {
    const { perSecond } = await server.load('/read', { connections })
    note('connections', subject.replace('sess-', ''), connections, perSecond, 'req/s')
  }
  await server.stop()
}

for (const backend of backends) await growSessions(backend)
for (const backend of backends) await growSize(backend)
for (const subject of ['bare', ...backends.map((backend) => `sess-${backend}`)]) await growConnections(subject)
await redis.stop()
rmSync(folder, { recursive: true, force: true })
if (asked.json) writeFileSync(asked.json, `${JSON.stringify(results)}\n`)
