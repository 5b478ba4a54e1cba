import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { expect, it } from 'vitest'
import { isAlive } from './process-tree.mjs'
import { waitFor } from './wait.mjs'
import { service } from './vitest.mjs'

const { available } = await service('redis', { own: true })
const index = new URL('index.mjs', import.meta.url).href

/** @type {[string, string, (child: import('node:child_process').ChildProcess) => void][]} */
const ends = [
  ['is killed', '', (child) => child.kill('SIGKILL')],
  ['is killed while the server is paused', 'await redis.pause()', (child) => child.kill('SIGKILL')],
  ['forgets to stop it', 'process.stdin.unref()', (child) => child.stdin?.end()],
]

for (const [what, more, end] of ends) {
  it.skipIf(!available)(`leaves no server and no folder behind a process that ${what}`, async () => {
    const program = `
      process.stdin.resume()
      const { startService } = await import('${index}')
      const redis = await startService('redis', { own: true })
      console.log(JSON.stringify({ pids: redis.pids, folder: redis.folder }))
      ${more}`
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const [text] = await once(createInterface(child.stdout), 'line')
    const { pids, folder } = JSON.parse(text)
    end(child)
    expect(pids).toHaveLength(1)
    expect(await waitFor(() => !pids.some(isAlive) && !existsSync(folder), { seconds: 10 })).toBe(true)
  })
}
