// Runs the subjects interleaved, in rounds, and prints medians as ratios to bare node:http of the same rounds.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startService } from '../tools/services/index.mjs'
import { scenarios } from './scenarios.mjs'

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    scenario: { type: 'string', default: scenarios.join() },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '2' },
  },
})
const file = (name) => fileURLToPath(new URL(name, import.meta.url))
const names = readdirSync(file('subjects')).map((name) => name.replace('.mjs', ''))
const subjects = []
for (const name of names) subjects.push({ name, ...(await import(`./subjects/${name}.mjs`)) })
const wanted = subjects.filter(
  ({ backend, isBase }) => isBase || !options.only || options.only.split(',').includes(backend),
)

/** The servers that the subjects need, without what would make them write to disk. */
const config = { redis: { appendonly: false } }
const services = []
for (const name of new Set(wanted.map(({ service }) => service).filter(Boolean))) {
  services.push(await startService(name, { config: config[name] ?? {} }))
}
const env = Object.assign({}, process.env, ...services.map((service) => service.env))

/** @param {import('node:child_process').ChildProcess} child */
const message = async (child) => (await once(child, 'message'))[0]

async function measure(subject, scenario) {
  const server = fork(file('server.mjs'), [subject], { env, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const { port } = await message(server)
  const run = async (seconds) => {
    const load = fork(file('load.mjs'), [port, `/${scenario}`, seconds], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    return message(load)
  }
  const ask = () => {
    server.send('cpu')
    return message(server)
  }
  await run(0.5) // warm
  const before = await ask()
  const result = await run(Number(options.seconds))
  const after = await ask()
  server.disconnect()
  await once(server, 'exit')
  if (result.failed > 0) throw new Error(`${subject} ${scenario}: ${result.failed} requests failed`)
  return { perSecond: result.perSecond, cpu: (after.cpu - before.cpu) / result.total }
}

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)]
const spread = (numbers) =>
  `±${Math.round(((Math.max(...numbers) - Math.min(...numbers)) / 2 / median(numbers)) * 100)} %`

console.log(
  `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model}, ${options.rounds} rounds of ${options.seconds} s, 32 connections\n`,
)
for (const scenario of options.scenario.split(',')) {
  const results = new Map(wanted.map(({ name }) => [name, []]))
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const { name } of wanted) results.get(name).push(await measure(name, scenario))
  }
  const base = wanted.find(({ isBase }) => isBase).name
  console.log(`${scenario.padEnd(26)} req/s ÷ bare        CPU/request − bare   req/s`)
  for (const [name, runs] of results) {
    const ratios = runs.map(({ perSecond }, round) => perSecond / results.get(base)[round].perSecond)
    const extra = median(runs.map(({ cpu }) => cpu)) - median(results.get(base).map(({ cpu }) => cpu))
    const ratio = `${median(ratios).toFixed(2)} (${spread(ratios)})`
    console.log(
      `  ${name.padEnd(24)} ${ratio.padEnd(20)} ${`${extra.toFixed(1)} µs`.padEnd(20)} ${Math.round(median(runs.map((r) => r.perSecond)))}`,
    )
  }
  console.log()
}
for (const service of services) await service.stop()
