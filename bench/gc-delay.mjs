// How late the event loop is while gc() removes 100,000 expired sessions: node gc-delay.mjs [count]
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createManager, file, memory } from '@sess/core'
import { ledis } from '@sess/provider-ledis'

const COUNT = Number(process.argv[2] ?? 100_000)
const folder = mkdtempSync(join(tmpdir(), 'sess-gc-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
const providers = {
  memory: memory(),
  file: file({ path: join(folder, 'file') }),
  ledis: ledis({ dataDir: join(folder, 'ledis') }),
}

for (const [name, provider] of Object.entries(providers)) {
  let now = Date.now()
  const manager = createManager({ provider, maxLifetime: 60, gcLifetime: 86_400, clock: () => now })
  await manager.ready()
  let made = 0
  const fill = async () => {
    while (made++ < COUNT) {
      const store = manager.provider.create(manager.newIdentity().id)
      store.set('text', 'x'.repeat(1000))
      await store.release()
    }
  }
  await Promise.all(Array.from({ length: 32 }, fill))
  now += 61_000
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const start = performance.now()
  await manager.gc()
  const took = performance.now() - start
  delay.disable()
  const late = (percent) => Math.max(0, delay.percentile(percent) / 1e6 - 1).toFixed(1)
  console.log(
    `${name}: ${COUNT} sessions removed in ${(took / 1000).toFixed(1)} s; the event loop was late by ${late(50)} ms (median), ${late(99)} ms (p99), ${late(100)} ms (most)`,
  )
  await manager.close()
}
