import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { Database } from './database.js'
import { DirectLevel } from './direct-level.js'

it('gives back what each attempt to open took, 9 KB, and is open when the directory is free', async () => {
  const location = mkdtempSync(join(tmpdir(), 'sess-leveldb-'))
  onTestFinished(() => rmSync(location, { recursive: true }))
  const opening = vi.spyOn(DirectLevel.prototype, 'open')
  const discarding = vi.spyOn(DirectLevel.prototype, 'discard')
  const owner = new Database(location)
  await owner.enter()
  const waiting = new Database(location)
  for (let n = 0; n < 10; n++) await expect(waiting.enter()).rejects.toThrow()
  expect([opening.mock.calls.length, discarding.mock.calls.length]).toEqual([11, 10])
  await owner.leave()
  await waiting.enter()
  await waiting.write([{ type: 'put', key: Buffer.of(1), value: 'x' }], false)
  expect(await waiting.getMany([Buffer.of(1)])).toEqual([Buffer.from('x')])
  await waiting.leave()
})
