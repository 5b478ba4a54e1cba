// Runs the subjects interleaved, in rounds, and prints medians as ratios: to the bare framework, and to the hand-written
// minimum of the same backend.
import { writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { startService } from '../tools/services/index.mjs'
import { lostUpdates, memoryOf, timesBack } from './checks.mjs'
import { commandsOf, POSTGRES_COUNTER } from './commands.mjs'
import { scenarios } from './scenarios.mjs'
import { median, printTable, spread } from './statistics.mjs'
import { Server, subjects } from './subject.mjs'

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    scenario: { type: 'string', default: scenarios.join() },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '1' },
    connections: { type: 'string', default: '32' },
    checks: { type: 'boolean', default: true },
    json: { type: 'string' },
  },
  allowNegative: true,
})
const only = options.only?.split(',')
const asked = options.scenario.split(',')
const [rounds, seconds, connections] = [options.rounds, options.seconds, options.connections].map(Number)

const wanted = (await subjects()).filter(
  ({ name, backend, framework, isBase }) =>
    !only || only.some((word) => [name, backend, framework].includes(word) || (isBase && framework === 'node')),
)
const isWanted = new Set(wanted.map(({ framework }) => framework))
for (const subject of await subjects()) {
  if (subject.isBase && isWanted.has(subject.framework) && !wanted.some(({ name }) => name === subject.name))
    wanted.push(subject)
}

/** The servers that the subjects need, without what would make them write to disk, and with what counts. */
const config = { redis: { appendonly: false }, postgres: { shared_preload_libraries: POSTGRES_COUNTER } }
const services = []
for (const name of new Set(wanted.map(({ service }) => service).filter(Boolean))) {
  services.push(await startService(name, { config: config[name] ?? {} }))
}
Object.assign(process.env, ...services.map((service) => service.env))

/** Whether the load has a processor of its own, beside one for each of the others. Bare servers are loaded both ways. */
const isAwake = (service) => availableParallelism() > (service ? 2 : 1)
const AWAKE = 'anonymous?awake'

/** How often a new server is loaded before it counts: its code is compiled anew when the first connections have gone. */
const WARM_UPS = 2

/** One round of a subject: all scenarios on one server, each warmed up. */
async function measure({ name, service, isBase }) {
  const server = await Server.start(name)
  const results = {}
  const names = isBase ? ['anonymous', AWAKE] : asked
  for (let n = 0; n < WARM_UPS; n++) await server.load(`/${names[0]}`, { seconds: seconds / 2, connections })
  for (const scenario of names) {
    const awake = isBase ? scenario === AWAKE : isAwake(service)
    await server.load(`/${scenario}`, { seconds: seconds / 2, connections, awake })
    const before = await server.usage()
    const commands = await commandsOf(service)
    const { total, perSecond } = await server.load(`/${scenario}`, { seconds, connections, awake })
    const after = await server.usage()
    const seeds = scenario === 'read' || scenario === 'write' ? connections : 0
    results[scenario] = {
      perSecond,
      cpu: (after.cpu - before.cpu) / total,
      commands: commands === undefined ? undefined : ((await commandsOf(service)) - commands - seeds) / total,
    }
  }
  await server.stop()
  return results
}

/** What does not depend on the load. */
async function check({ name, isBase, isInProcess }) {
  if (isBase) return {}
  const server = await Server.start(name)
  const memory = isInProcess ? await memoryOf(server) : undefined
  const result = { memory, lost: await lostUpdates(server.url), back: await timesBack(server.url) }
  await server.stop()
  return result
}

const runs = new Map(wanted.map(({ name }) => [name, []]))
for (let round = 0; round < rounds; round++) {
  for (const subject of wanted) runs.get(subject.name).push(await measure(subject))
}
const checked = new Map()
if (options.checks) for (const subject of wanted) checked.set(subject.name, await check(subject))
for (const service of services) await service.stop()

/** A scenario's figures of one subject; ratios are taken within each round. */
function figures({ name, backend, framework, service, isBase }, scenario) {
  const own = runs.get(name).map((run) => run[scenario])
  if (own.some((run) => run === undefined)) return undefined
  const base = wanted.find((other) => other.isBase && other.framework === framework)
  const minimum = wanted.find((other) => other.isMinimum && other.backend === backend)
  const over = (other, from) => {
    if (!other || isBase) return undefined
    const ratios = own.map(({ perSecond }, round) => perSecond / runs.get(other.name)[round][from].perSecond)
    return { median: median(ratios), spread: spread(ratios) }
  }
  const bare = isAwake(service) ? AWAKE : 'anonymous'
  const baseCpu = median(runs.get(base.name).map((run) => run[bare].cpu))
  return {
    perSecond: median(own.map((run) => run.perSecond)),
    overBare: over(base, bare),
    overMinimum: over(minimum, scenario),
    cpu: median(own.map((run) => run.cpu)) - (isBase ? 0 : baseCpu),
    commands: own[0].commands === undefined ? undefined : median(own.map((run) => run.commands)),
    ...checked.get(name),
  }
}

const report = {
  machine: `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model}`,
  taken: `${rounds} rounds of ${seconds} s, ${connections} connections`,
  subjects: wanted.map((subject) => ({
    name: subject.name,
    backend: subject.backend,
    framework: subject.framework,
    isBase: subject.isBase === true,
    isMinimum: subject.isMinimum === true,
    scenarios: Object.fromEntries(asked.map((scenario) => [scenario, figures(subject, scenario)])),
  })),
}
if (options.json) writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`)
printTable(report)
