import { fork } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createManager } from '@sess/core'
import { afterAll, describe, expect, it } from 'vitest'
import { read } from './support/rounds.js'
import { newFolder, subjects } from './support/subjects.js'

const folder = newFolder()
afterAll(() => rm(folder, { recursive: true }))
const worker = fileURLToPath(new URL('workers/crash.mjs', import.meta.url))

/** Each four times: with `sync`, and without, since a kernel that goes on has what a dead process wrote. */
const KILLS = 50

const cases = subjects.flatMap((subject) => [true, false].map((sync) => ({ ...subject, sync })))

describe.each(cases)('$name, killed in the middle of writes, sync $sync', ({ name, open, sync }) => {
  it(`keeps whole what it acknowledged, ${KILLS} times`, { timeout: 60_000 }, async () => {
    const directory = join(folder, `${name}-${sync}`)
    let [acknowledged, writes] = [0, 0]
    for (let round = 0; round < KILLS; round++) {
      const done = await killedInTheMiddle(name, directory, sync)
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
    console.log(`${name}, sync ${sync}, killed ${KILLS} times: ${acknowledged} sessions of ${writes} writes, all whole`)
    expect(acknowledged).toBeGreaterThan(KILLS)
  })
})

/** The sessions that were acknowledged, by their cookie, with the number of the last write. */
async function killedInTheMiddle(name: string, directory: string, sync: boolean): Promise<Map<string, number>> {
  const child = fork(worker, [name, directory, String(sync)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const done = new Map<string, number>()
  child.on('message', ({ cookie, n }: { cookie: string; n: number }) => done.set(cookie, n))
  const died = once(child, 'exit')
  await Promise.race([once(child, 'message'), died.then(() => Promise.reject(new Error('it died: is dist built?')))])
  await new Promise((wait) => setTimeout(wait, Math.random() * 30))
  child.kill('SIGKILL')
  await died
  return done
}
