// What a read of a session in LevelDB takes, without HTTP, over get of `level` and JSON.parse by hand:
// node level-read.mjs [reads]. Some sessions are in use, as those of visitors are who click; then all of many.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createManager } from '@sess/core'
import { ledis } from '@sess/provider-ledis'
import { nodb } from '@sess/provider-nodb'
import { Level } from 'level'
import { data } from './scenarios.mjs'
import { median, spread } from './statistics.mjs'

const READS = Number(process.argv[2] ?? 20_000)
const ROUNDS = 7
const folder = mkdtempSync(join(tmpdir(), 'sess-level-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

/** 32 at a time, as that many visitors; gives how many a second. */
async function rate(read, ids) {
  let next = 0
  const visit = async () => {
    while (next < READS) await read(ids[next++ % ids.length])
  }
  const start = performance.now()
  await Promise.all(Array.from({ length: 32 }, visit))
  return READS / ((performance.now() - start) / 1000)
}

async function byHand() {
  const level = new Level(join(folder, 'hand'))
  return {
    make: (id) => level.put(id, JSON.stringify(data)),
    read: async (id) => JSON.parse(await level.get(id)).user.name,
  }
}

async function sess(provider) {
  const manager = createManager({ provider })
  await manager.ready()
  return {
    make: async (id) => {
      const store = manager.provider.create(id)
      for (const [key, value] of Object.entries(data)) store.set(key, value)
      await store.release()
    },
    read: async (id) => (await manager.load(id)).get('user').name,
  }
}

const subjects = {
  'by hand': await byHand(),
  ledis: await sess(ledis({ dataDir: join(folder, 'ledis') })),
  nodb: await sess(nodb({ path: join(folder, 'nodb') })),
}
for (const count of [32, 50_000]) {
  const ids = Array.from({ length: count }, (_, n) => `${count}-${String(n).padStart(9, '0')}`)
  for (const { make } of Object.values(subjects)) for (const id of ids) await make(id)
  const rates = Object.fromEntries(Object.keys(subjects).map((name) => [name, []]))
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, { read }] of Object.entries(subjects)) rates[name].push(await rate(read, ids))
  }
  console.log(`${count} sessions, ${ROUNDS} rounds of ${READS} reads`)
  for (const [name, own] of Object.entries(rates)) {
    const ratios = own.map((value, round) => value / rates['by hand'][round])
    console.log(
      `  ${name.padEnd(8)} ${median(ratios).toFixed(2)} (±${Math.round(spread(ratios) * 100)} %), ${Math.round(median(own))} reads/s`,
    )
  }
}
process.exit()
