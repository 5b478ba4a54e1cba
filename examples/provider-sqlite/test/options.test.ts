import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createManager, OptionError, sessioner } from '@sess/core'
import { describe, expect, it } from 'vitest'
import { sqlite } from '../src/index.js'
import type { SqliteProviderOptions } from '../src/index.js'
import { resolve } from '../src/options.js'

describe('the options of sqlite', () => {
  it('are the path alone, or typed', () => {
    expect(resolve('')).toEqual({ path: 'data/sessions.db', busyTimeout: 1000 })
    expect(resolve('/x.db')).toEqual(resolve({ path: '/x.db' }))
  })

  it.each([{ path: '' }, { path: 7 }, { busyTimeout: -1 }, { file: 'x' }])('%j is refused at start', (options) => {
    expect(() => sessioner({ provider: sqlite(options as SqliteProviderOptions) })).toThrow(OptionError)
  })
})

describe('the provider sqlite', () => {
  it('is known by its name, and makes its file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sess-sqlite-'))
    const manager = createManager({ provider: 'sqlite', providerConfig: join(folder, 'some/where.db') })
    await manager.ready()
    expect(existsSync(join(folder, 'some/where.db'))).toBe(true)
    await manager.close()
    rmSync(folder, { recursive: true })
  })
})
