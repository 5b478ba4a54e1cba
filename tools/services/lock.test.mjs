import { spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { withLock } from './lock.mjs'

const name = `test-${process.pid}`
const file = join(tmpdir(), `sess-${name}.lock`)

it('lets one at a time in', async () => {
  let inside = 0
  const enter = () =>
    withLock(name, async () => {
      expect(++inside).toBe(1)
      await sleep(20)
      inside--
    })
  await Promise.all([enter(), enter(), enter()])
  expect(existsSync(file)).toBe(false)
})

it('is free again when its holder died', async () => {
  writeFileSync(file, String(spawnSync(process.execPath, ['-e', '']).pid))
  expect(await withLock(name, async () => 'in', 5)).toBe('in')
})
