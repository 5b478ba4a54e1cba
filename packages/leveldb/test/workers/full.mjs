// A limit on the size of files is what a full disk looks like to one process; it is set and taken away here.
import { execFileSync } from 'node:child_process'
import { createManager } from '@sess/core'

const [provider, directory] = process.argv.slice(2)
const driver = await import(`../../../provider-${provider}/dist/index.js`)
const manager = createManager({
  provider: driver[provider]({ [provider === 'ledis' ? 'dataDir' : 'path']: directory }),
})
await manager.ready()
const limit = (size) => execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${size}:unlimited`])

const saved = new Map()
async function save() {
  const { id } = manager.newIdentity()
  const store = manager.provider.create(id)
  const n = Math.random()
  store.set('n', n)
  store.set('filler', String(Math.random()).repeat(500))
  await store.release()
  saved.set(id, n)
}
async function countLost() {
  let lost = 0
  for (const [id, n] of saved) {
    const store = await manager.provider.open(id)
    if (store?.get('n') !== n) lost++
  }
  return lost
}

for (let n = 0; n < 20; n++) await save()
limit(300_000)
let refused
for (let n = 0; n < 100; n++) {
  const results = await Promise.allSettled([save(), save(), save()])
  refused ??= results.find(({ status }) => status === 'rejected')?.reason
}
let report = `refused ${refused?.code ?? refused}, lost `
limit('unlimited')
report += `${await countLost()} of ${saved.size} while it was full, `
await save()
await save()
report += `then saved, lost ${await countLost()} of ${saved.size}`
await manager.close()
console.log(report)
