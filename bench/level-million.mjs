// 1,000,000 sessions in LevelDB: node level-million.mjs [count]. Prints what a read, a write and a sweep of a tenth take.
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createManager } from '@sess/core'
import { ledis } from '@sess/provider-ledis'
import { Level } from 'level'
import { data } from './scenarios.mjs'

const COUNT = Number(process.argv[2] ?? 1_000_000)
const LIFETIME = 3600
const SAMPLE = 5_000
const folder = mkdtempSync(join(tmpdir(), 'sess-million-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

let now = Date.now()
const manager = createManager({
  provider: ledis({ dataDir: folder }),
  maxLifetime: 2 * LIFETIME,
  clock: () => now,
  storeTimeout: 600,
})
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

/** Fills the directory in large batches, in LedisDB's layout, with sessions that end within some seconds of `when`. */
async function fill(count, when) {
  const level = new Level(join(folder, 'goleveldb_data'), { keyEncoding: 'buffer', valueEncoding: 'buffer' })
  const meta = Buffer.alloc(8)
  const time = Buffer.alloc(11)
  time.set([0, 0x67], 0)
  time[10] = 1
  for (let n = 0; n < count; n += 1000) {
    const operations = []
    meta.writeBigInt64LE(BigInt(when + (n % 60_000) / 1000))
    time.writeBigInt64BE(meta.readBigInt64LE(), 2)
    for (let i = n; i < n + 1000; i++) {
      const { id } = manager.newIdentity()
      const key = Buffer.from(`\0\x66\x01${id}`)
      const lines = Object.entries({ ...data, filler: filler() }).map(
        ([name, value]) => `"${name}":${JSON.stringify(value)}`,
      )
      const value = Buffer.from(`version-of-1\n{\n${lines.join(',\n')}\n}`)
      operations.push({ type: 'put', key: Buffer.from(`\0\x01${id}`), value })
      operations.push({ type: 'put', key, value: Buffer.from(meta) })
      operations.push({ type: 'put', key: Buffer.concat([time, Buffer.from(id)]), value: key })
      ids.push(id)
    }
    await level.batch(operations)
  }
  await level.close()
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
const start = performance.now()
await fill(COUNT / 10, Math.floor(now / 1000) + LIFETIME)
ids.length = 0
await fill((COUNT / 10) * 9, Math.floor(now / 1000) + 2 * LIFETIME)
console.log(`filled in ${((performance.now() - start) / 1000).toFixed(0)} s, in batches of 1000; on disk ${size()}`)
await manager.ready()
const { provider } = manager
for (const parallel of [1, 32]) {
  console.log(`read, any session, ${parallel} at a time: ${await timed(SAMPLE, parallel, read)}`)
  console.log(`read and write, any session, ${parallel} at a time: ${await timed(SAMPLE, parallel, write)}`)
}
console.log(`rss ${(process.memoryUsage().rss / 1e6).toFixed(0)} MB`)
now += (LIFETIME + 61) * 1000

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
