import { spawn, spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Manager } from '@sess/core'
import { createManager } from '@sess/core'
import { Level } from 'level'
import { afterAll, describe, expect, it } from 'vitest'
import { begin } from '../../../tools/testing/begin.js'
import { read } from './support/visits.js'
import { newFolder, subjects } from './support/subjects.js'

const folder = newFolder()
afterAll(() => rm(folder, { recursive: true }))

const data = (directory: string): string => join(directory, 'goleveldb_data')
const filesOf = (directory: string, name: RegExp): string[] =>
  readdirSync(data(directory))
    .filter((file) => name.test(file))
    .map((file) => join(data(directory), file))

describe.each(subjects)('a damaged database of $name', ({ name, open, repair }) => {
  /** A closed directory with sessions in it. */
  async function filled(directory: string): Promise<string[]> {
    const manager = createManager({ provider: open(directory) })
    const cookies: string[] = []
    for (let n = 0; n < 300; n++) cookies.push(await begin(manager, { n, filler: String(Math.random()).repeat(20) }))
    await manager.close()
    const level = new Level(data(directory)) // from the log into a table, where damage is found
    await level.open()
    await (level as unknown as { compactRange(a: string, b: string): Promise<void> }).compactRange('\0', '\xff')
    await level.close()
    return cookies
  }

  const whole = async (manager: Manager, cookies: string[]): Promise<number> => {
    const sessions = await Promise.all(cookies.map((cookie) => read(manager, cookie)))
    return sessions.filter((session, n) => session.get('n') === n).length
  }

  it('without its list of files is an error that names repair(), which brings all sessions back', async () => {
    const directory = join(folder, `${name}-manifest`)
    const cookies = await filled(directory)
    for (const path of filesOf(directory, /^MANIFEST/)) await writeFile(path, 'garbage'.repeat(100))
    const broken = createManager({ provider: open(directory) })
    await expect(broken.ready()).rejects.toMatchObject({
      code: 'SESS_CORRUPT',
      provider: name,
      message: expect.stringContaining(`call repair() of @sess/provider-${name}`) as string,
    })
    await repair(directory)
    await broken.ready()
    expect(await whole(broken, cookies)).toBe(cookies.length)
    await broken.close()
  })

  it('with a damaged table is an error for who reads there, never "no session", and repair() keeps the rest', async () => {
    const directory = join(folder, `${name}-table`)
    const cookies = await filled(directory)
    for (const path of filesOf(directory, /\.ldb$/)) {
      const bytes = await readFile(path)
      bytes.fill(0xff, 2000, 6000) // of more than 50 KB
      await writeFile(path, bytes)
    }
    const broken = createManager({ provider: open(directory) })
    const outcomes = await Promise.allSettled(cookies.map((cookie) => read(broken, cookie)))
    const failures = outcomes.filter((outcome) => outcome.status === 'rejected').map(({ reason }) => reason as Error)
    expect(failures.length).toBeGreaterThan(0)
    expect(failures[0]).toMatchObject({ code: 'SESS_CORRUPT', message: expect.stringContaining('repair()') as string })
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled' && outcome.value.isNew)).toEqual([])
    for (const [n, cookie] of cookies.entries()) {
      const [alone] = await Promise.allSettled([read(broken, cookie)])
      expect(alone.status).toBe(outcomes[n]!.status)
    }
    await broken.close()
    await repair(directory)
    const repaired = createManager({ provider: open(directory) })
    const kept = await whole(repaired, cookies)
    console.log(`${name}: ${failures.length} of ${cookies.length} unreadable, ${kept} whole after repair()`)
    expect(kept).toBeGreaterThan(0)
    await repaired.close()
  })

  it('is not repaired while somebody has it open', async () => {
    const directory = join(folder, `${name}-open`)
    const manager = createManager({ provider: open(directory) })
    const cookie = await begin(manager)
    await expect(repair(directory)).rejects.toMatchObject({ code: 'SESS_STORE' })
    expect((await read(manager, cookie)).get('begun')).toBe(true)
    await manager.close()
    await repair(directory)
    await expect(repair(join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'SESS_STORE' })
  })
})

describe.each(subjects)('a directory of $name that goes away while the application runs', ({ name, open }) => {
  it('is an outage until it is back, never an empty one in its place', async () => {
    const directory = join(folder, `${name}-away`)
    const manager = createManager({ provider: open(directory) })
    const cookie = await begin(manager)
    await rename(directory, `${directory}.off`)
    const fill = (): Promise<string> => begin(manager, { filler: 'x'.repeat(3_000_000) }) // another log, which can't be made
    await expect(
      (async () => {
        for (let n = 0; n < 10; n++) await fill()
      })(),
    ).rejects.toThrow()
    for (const call of [() => read(manager, cookie), fill, () => manager.count(), () => manager.gc()]) {
      await expect(call()).rejects.toMatchObject({ code: 'SESS_STORE', provider: name })
    }
    await rm(directory, { recursive: true, force: true })
    await rename(`${directory}.off`, directory)
    expect((await read(manager, cookie)).get('begun')).toBe(true)
    await manager.close()
  })
})

const hasPrlimit = process.platform === 'linux' && spawnSync('prlimit', ['--version']).status === 0

describe.skipIf(!hasPrlimit).each(subjects)('a full disk below $name', ({ name }) => {
  it('is an error for each write, loses nothing that was acknowledged, and is over by itself', async () => {
    const directory = join(folder, `${name}-full`)
    const script = new URL('workers/full.mjs', import.meta.url).pathname
    const child = spawn(process.execPath, [script, name, directory], { stdio: ['ignore', 'pipe', 'inherit'] })
    let output = ''
    for await (const chunk of child.stdout) output += String(chunk)
    console.log(`${name}: ${output.trim()}`)
    expect(output).toMatch(/^refused LEVEL_IO_ERROR, lost 0 of \d\d+ while it was full, then saved, lost 0 of \d+$/m)
  })
})
