import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, it } from 'vitest'

const vitest = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'sess-missing-'))
afterAll(() => rmSync(folder, { recursive: true }))

// As a driver's test does, and one that forgot to skip.
writeFileSync(
  join(folder, 'driver.test.mjs'),
  `import { service } from '${new URL('vitest.mjs', import.meta.url).pathname}'
   const redis = await service('redis')
   describe.skipIf(!redis.available)('driver', () => { new URL(redis.url); it('works', () => { console.log('used ' + redis.url) }) })
   it('refuses to be used', () => { expect(() => redis.isOurs ? '' : redis.pause()).toThrow(/"pause" needs/) })`,
)

/** The tests above where no server is found. @param {Record<string, string>} env */
async function runTests(env) {
  const child = spawn(process.execPath, [vitest, 'run', '--globals', '--root', folder], {
    env: { PATH: folder, SERVICES_INSTALL: 'never', NO_COLOR: '1', ...env },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  const code = await new Promise((resolve) => child.on('close', resolve))
  return { code, output }
}

it('skips with a notice that names the variable', async () => {
  const { code, output } = await runTests({})
  expect(output).toMatch(/SKIPPED, not tested: No redis here\. Set REDIS_URL/)
  expect(output).toMatch(/1 passed \| 2 skipped/)
  expect(code).toBe(0)
})

it('fails in CI', async () => {
  const { code, output } = await runTests({ CI: 'true' })
  expect(output).toMatch(/MissingServiceError: No redis here\. Set REDIS_URL/)
  expect(code).toBe(1)
})

it('uses the server that the variable names, and does not control it', async () => {
  const { code, output } = await runTests({ CI: 'true', REDIS_URL: 'redis://elsewhere:1' })
  expect(output).toContain('used redis://elsewhere:1')
  expect(output).toMatch(/2 passed/)
  expect(code).toBe(0)
})
