import { execFileSync } from 'node:child_process'
import { afterAll, describe, expect, it } from 'vitest'
import { makeFolder, removeFolder } from './folder.mjs'
import { createServer } from './server.mjs'

const folder = makeFolder('server')
afterAll(() => removeFolder(folder))

/** @param {Partial<Parameters<typeof createServer>[0]>} settings */
const server = (settings) =>
  createServer({ name: 'it', program: '', args: [], folder, port: 0, url: '', ready: async () => true, ...settings })

describe('a server', () => {
  it('says why it can’t be launched', async () => {
    await expect(server({ program: `${folder}/nowhere`, ready: async () => false }).start()).rejects.toThrow(
      /^it ended:\nspawn .*nowhere ENOENT/,
    )
  })

  it('of ours runs as this user, for whom alone Node and this repository may be there', async () => {
    const ours = server({ program: process.execPath, args: ['-e', 'setInterval(() => {}, 1000)'], isOurs: true })
    await ours.start()
    const user = execFileSync('ps', ['-o', 'uid=', '-p', String(ours.pid)], { encoding: 'utf8' })
    await ours.stop()
    expect(Number(user)).toBe(process.getuid?.())
  })
})
