import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createManager, OptionError, sessioner } from '@sess/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LedisProviderOptions } from '../src/index.js'
import { ledis } from '../src/index.js'
import { resolve } from '../src/options.js'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sess-ledis-'))
})
afterAll(() => rm(folder, { recursive: true }))

describe('the config of ledis', () => {
  it('is data_dir, db and sync, as text or typed', () => {
    const settings = { directory: join('app.db', 'goleveldb_data'), db: 0, sync: false }
    expect(resolve('')).toEqual(settings)
    expect(resolve({})).toEqual(settings)
    expect(resolve('data_dir=./app.db,db=0')).toEqual(settings)
    expect(resolve('data_dir = /var/a=b , db = 15 , sync = true')).toEqual({
      directory: '/var/a=b/goleveldb_data',
      db: 15,
      sync: true,
    })
    expect(resolve({ dataDir: '/var/a,b', db: 3, sync: true })).toMatchObject({
      directory: '/var/a,b/goleveldb_data',
      db: 3,
    })
  })

  it.each([
    'data_dir',
    'data_dir=',
    'dir=./app.db',
    'db=abc',
    'db=16',
    'db=-1',
    'db=1.5',
    'db=',
    'db=1,db=2',
    'sync=yes',
    { dataDir: '' },
    { dataDir: 7 },
    { dataDir: 'a\0b' },
    { db: '0' },
    { db: 16 },
    { sync: 1 },
    { path: 'a' },
  ])('%j is an error at start', (config) => {
    expect(() => sessioner({ provider: 'ledis', providerConfig: config as string })).toThrow(OptionError)
    if (typeof config === 'string') return
    expect(() => sessioner({ provider: ledis(config as LedisProviderOptions) })).toThrow(OptionError)
  })

  it('says where the files are', async () => {
    const manager = createManager({ provider: 'ledis', providerConfig: `data_dir=${folder}/some/where,db=2` })
    await manager.ready()
    expect(existsSync(join(folder, 'some/where/goleveldb_data/CURRENT'))).toBe(true)
    await manager.close()
  })
})
