import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createManager, OptionError, sessioner } from '@sess/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { NodbProviderOptions } from '../src/index.js'
import { nodb } from '../src/index.js'
import { resolve } from '../src/options.js'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sess-nodb-'))
})
afterAll(() => rm(folder, { recursive: true }))

describe('the config of nodb', () => {
  it('is the path alone, or typed options', () => {
    const settings = { directory: join('data/cache.db', 'goleveldb_data'), db: 0, sync: false }
    expect(resolve('')).toEqual(settings)
    expect(resolve({})).toEqual(settings)
    expect(resolve('data/cache.db')).toEqual(settings)
    expect(resolve('/var/a=b,c')).toMatchObject({ directory: '/var/a=b,c/goleveldb_data' })
    expect(resolve({ path: '/x', db: 15, sync: true })).toEqual({ directory: '/x/goleveldb_data', db: 15, sync: true })
  })

  it.each(['a\0b', { path: '' }, { path: 7 }, { db: '0' }, { db: 16 }, { db: -1 }, { sync: 'no' }, { dataDir: 'a' }])(
    '%j is an error at start',
    (config) => {
      expect(() => sessioner({ provider: 'nodb', providerConfig: config as string })).toThrow(OptionError)
      if (typeof config === 'string') return
      expect(() => sessioner({ provider: nodb(config as NodbProviderOptions) })).toThrow(OptionError)
    },
  )

  it('says where the files are', async () => {
    const manager = createManager({ provider: 'nodb', providerConfig: `${folder}/some/where` })
    await manager.ready()
    expect(existsSync(join(folder, 'some/where/goleveldb_data/CURRENT'))).toBe(true)
    await manager.close()
  })
})
