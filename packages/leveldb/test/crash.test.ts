import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createManager } from '@sess/core'
import { afterAll, describe, expect, it } from 'vitest'
import { killedInTheMiddle } from '../../../tools/testing/killed.js'
import { read } from './support/visits.js'
import { newFolder, subjects } from './support/subjects.js'

const folder = newFolder()
afterAll(() => rm(folder, { recursive: true }))
const worker = new URL('workers/crash.mjs', import.meta.url)

/** In each of the four cases: with `sync`, and without, since a kernel that goes on has what a dead process wrote. */
const KILLS = 50
/** Milliseconds after which there are fewer, so that a slow machine doesn't stop the suite. */
const TIME = 8_000

const cases = subjects.flatMap((subject) => [true, false].map((sync) => ({ ...subject, sync })))

describe.each(cases)('$name, killed in the middle of writes, sync $sync', ({ name, open, sync }) => {
  it('keeps whole what it acknowledged', async () => {
    const directory = join(folder, `${name}-${sync}`)
    const start = Date.now()
    let [kills, acknowledged, writes] = [0, 0, 0]
    for (; kills < KILLS && Date.now() - start < TIME; kills++) {
      const done = await killedInTheMiddle(worker, [name, directory, String(sync)])
      const manager = createManager({ provider: open(directory) })
      for (const [cookie, n] of done) {
        const session = await read(manager, cookie)
        expect(session.get('n')).toBeGreaterThanOrEqual(n)
        expect(session.get('same')).toBe(session.get('n'))
        expect(session.get('filler')).toMatch(/^x*$/)
        acknowledged++
        writes += n
      }
      await manager.close()
    }
    console.log(`${name}, sync ${sync}, killed ${kills} times: ${acknowledged} sessions of ${writes} writes, all whole`)
    expect(acknowledged).toBeGreaterThan(kills)
  })
})
