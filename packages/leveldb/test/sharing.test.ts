import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { statSync, symlinkSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createManager } from '@sess/core'
import { afterAll, describe, expect, it } from 'vitest'
import { begin } from '../../../tools/testing/begin.js'
import { read } from './support/visits.js'
import { newFolder, subjects } from './support/subjects.js'

const folder = newFolder()
afterAll(() => rm(folder, { recursive: true }))
const worker = fileURLToPath(new URL('workers/open.mjs', import.meta.url))

interface Outcome {
  readonly code: string
  readonly message?: string
}

async function inAnotherProcess(name: string, directory: string): Promise<{ child: ChildProcess; outcome: Outcome }> {
  const child = fork(worker, [name, directory], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const [outcome] = (await once(child, 'message')) as [Outcome]
  return { child, outcome }
}

async function end(child: ChildProcess): Promise<void> {
  child.disconnect()
  await once(child, 'exit')
}

describe.each(subjects)('a directory of $name', ({ name, open }) => {
  it('is shared by the managers of one process, whatever they call it, until the last of them closes', async () => {
    const directory = join(folder, `${name}-shared`)
    const one = createManager({ provider: open(directory) })
    const cookie = await begin(one)
    symlinkSync(directory, `${directory}-link`)
    const two = createManager({ provider: open(`${directory}-link`) })
    expect((await read(two, cookie)).get('begun')).toBe(true)
    await one.close()
    expect((await read(two, cookie)).get('begun')).toBe(true)
    await two.close()
    const { child, outcome } = await inAnotherProcess(name, directory)
    expect(outcome).toEqual({ code: 'open' })
    await end(child)
  })

  it('opens while the one before is closing, and after it was closed', async () => {
    const directory = join(folder, `${name}-again`)
    let cookie = ''
    for (let n = 0; n < 20; n++) {
      const manager = createManager({ provider: open(directory) })
      if (n === 0) cookie = await begin(manager)
      await manager.ready()
      const closing = manager.close()
      const next = createManager({ provider: open(directory) })
      expect((await read(next, cookie)).get('begun')).toBe(true)
      await Promise.all([closing, next.close()])
    }
  })

  it('is refused to a second process, which is told why and what to use instead', async () => {
    const directory = join(folder, `${name}-taken`)
    const manager = createManager({ provider: open(directory) })
    const cookie = await begin(manager)
    const { child, outcome } = await inAnotherProcess(name, directory)
    await end(child)
    expect(outcome.code).toBe('SESS_STORE')
    expect(outcome.message).toMatch(
      /goleveldb_data is open in another process or worker thread.*Only one process.*redis, postgres or mysql/,
    )
    expect((await read(manager, cookie)).get('begun')).toBe(true)
    await manager.close()
  })

  it('is had by whoever waits for it as soon as the other process is gone', async () => {
    const directory = join(folder, `${name}-handed-over`)
    const { child } = await inAnotherProcess(name, directory)
    const manager = createManager({ provider: open(directory) })
    await expect(manager.ready()).rejects.toMatchObject({ code: 'SESS_STORE', provider: name })
    await end(child)
    await expect.poll(() => manager.ready().then(() => 'open', String), { timeout: 10_000 }).toBe('open')
    await manager.close()
  })

  it('keeps databases of other numbers apart', async () => {
    const directory = join(folder, `${name}-numbers`)
    const zero = createManager({ provider: open(directory) })
    const cookie = await begin(zero)
    const fifteen = createManager({ provider: open(directory, { db: 15 }) })
    expect((await read(fifteen, cookie)).isNew).toBe(true)
    expect([await zero.count(), await fifteen.count()]).toEqual([1, 0])
    await zero.close()
    await fifteen.close()
  })

  it('is for its owner alone', async () => {
    const directory = join(folder, `${name}-private`)
    const mask = process.umask(0)
    const manager = createManager({ provider: open(directory) })
    await manager.ready().finally(() => process.umask(mask))
    for (const path of [directory, join(directory, 'goleveldb_data')]) expect(statSync(path).mode & 0o777).toBe(0o700)
    await manager.close()
  })

  it('that cannot be made is an error that names it', async () => {
    const manager = createManager({ provider: open('/proc/none/sessions') })
    await expect(manager.ready()).rejects.toMatchObject({
      code: 'SESS_STORE',
      message: expect.stringContaining('/proc/none/sessions/goleveldb_data') as string,
    })
  })
})
