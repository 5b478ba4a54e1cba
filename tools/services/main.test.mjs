import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { ask } from './clients.mjs'
import { service } from './vitest.mjs'

const { available } = await service('redis', { own: true })
const main = fileURLToPath(new URL('main.mjs', import.meta.url))

/** @param {...string} names */
function run(...names) {
  const { REDIS_URL: _, ...env } = process.env
  return spawn(process.execPath, [main, ...names], { env, stdio: ['ignore', 'pipe', 'ignore'] })
}

it.skipIf(!available)('prints the variables of what it started, and stops it when it is told to', async () => {
  const child = run('redis')
  const [line] = await once(createInterface(child.stdout), 'line')
  const port = Number(/^export REDIS_URL='redis:\/\/127\.0\.0\.1:(\d+)'$/.exec(line)?.[1])
  expect(await ask.redis?.({ port, folder: '' }, 'PING')).toBe('+PONG')
  child.kill('SIGINT')
  expect(await once(child, 'exit')).toEqual([0, null])
  await expect(ask.redis?.({ port, folder: '' }, 'PING')).rejects.toThrow('ECONNREFUSED')
})

it('refuses names that it does not know', async () => {
  expect(await once(run('reddis'), 'exit')).toEqual([2, null])
})
