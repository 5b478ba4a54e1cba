// 1,000,000 sessions in LevelDB: node level-million.mjs [count]. Prints what a read, a write and a sweep of a tenth take.
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createManager } from '@sess/core'
import { ledis } from '@sess/provider-ledis'
import { data } from './scenarios.mjs'

const COUNT = Number(process.argv[2] ?? 1_000_000)
const LIFETIME = 3600
const SAMPLE = 20_000
const folder = mkdtempSync(join(tmpdir(), 'sess-million-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

let now = Date.now()
const manager = createManager({
  provider: ledis({ dataDir: folder }),
  maxLifetime: LIFETIME,
  clock: () => now,
  storeTimeout: 600,
})
await manager.ready()
const { provider } = manager
const ids = []

/** Runs `fn` for 0 to `count`, so many at a time; gives microseconds each, and what half and 99 % of them took. */
async function timed(count, parallel, fn) {
  const each = new Float64Array(count)
  let next = 0
  const start = performance.now()
  const work = async () => {
    while (next < count) {
      const n = next++
      const begin = performance.now()
      await fn(n)
      each[n] = performance.now() - begin
    }
  }
  await Promise.all(Array.from({ length: parallel }, work))
  const total = performance.now() - start
  each.sort()
  const at = (part) => (each[Math.floor(count * part)] * 1000).toFixed(0)
  return `${((total * 1000) / count).toFixed(1)} µs (alone: half within ${at(0.5)}, 99 % within ${at(0.99)} µs)`
}

const size = () => {
  const path = join(folder, 'goleveldb_data')
  return `${(readdirSync(path).reduce((sum, name) => sum + statSync(join(path, name)).size, 0) / 1e6).toFixed(0)} MB`
}

/** What compresses as real data does: half of it differs from session to session. */
const filler = () => Array.from({ length: 8 }, () => Math.random().toString(36).slice(2)).join(' ')

async function create() {
  const { id } = manager.newIdentity()
  const store = provider.create(id)
  for (const [key, value] of Object.entries(data)) store.set(key, value)
  store.set('filler', filler())
  await store.release()
  ids.push(id)
}

/** The longest time for which the event loop stood still during `fn`. */
async function withoutPause(fn) {
  let [longest, last] = [0, performance.now()]
  const timer = setInterval(() => {
    longest = Math.max(longest, performance.now() - last)
    last = performance.now()
  }, 1)
  const result = await fn()
  clearInterval(timer)
  return { result, longest: `${longest.toFixed(0)} ms` }
}

const random = () => ids[Math.floor(Math.random() * ids.length)]
const read = async () => (await provider.open(random())).get('visits')
const write = async () => {
  const store = await provider.open(random())
  store.set('visits', store.get('visits') + 1)
  await store.release()
}

console.log(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model}, ${COUNT} sessions of about 1.1 KB`)
console.log(`fill, 64 at a time: ${await timed(COUNT / 10, 64, create)}`)
const due = ids.length
now += (LIFETIME * 1000) / 2 // the first tenth ends earlier than the rest
console.log(`      the other 90 %: ${await timed(COUNT - due, 64, create)}; on disk ${size()}`)
const living = ids.slice(due)
ids.splice(0, ids.length, ...living)
for (const parallel of [1, 32]) {
  console.log(`read, any session, ${parallel} at a time: ${await timed(SAMPLE, parallel, read)}`)
  console.log(`read and write, any session, ${parallel} at a time: ${await timed(SAMPLE, parallel, write)}`)
}
console.log(`rss ${(process.memoryUsage().rss / 1e6).toFixed(0)} MB`)
now += (LIFETIME * 1000) / 2 + 1000

async function report(name, fn) {
  const start = performance.now()
  const { result, longest } = await withoutPause(fn)
  const seconds = ((performance.now() - start) / 1000).toFixed(2)
  const gave = result === undefined ? '' : `, gave ${result}`
  console.log(`${name}: ${seconds} s${gave}, longest pause ${longest}; on disk ${size()}`)
}
await report('count', () => manager.count())
await report('sweep of 10 %', () => provider.gc())
await report('sweep of nothing', () => provider.gc())
await report('count', () => manager.count())
await manager.close()
