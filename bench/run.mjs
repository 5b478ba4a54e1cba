// Runs the subjects side by side, each for a moment in turn, and prints medians as ratios: to the bare framework, and to
// the hand-written minimum of the same backend.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startService } from '../tools/services/index.mjs'
import { lostUpdates, memoryOf, timesBack } from './checks.mjs'
import { commandsOf, POSTGRES_COUNTER } from './commands.mjs'
import { needsSession, scenarios } from './scenarios.mjs'
import { median, printTable, spread } from './statistics.mjs'
import { Server, subjects } from './subject.mjs'

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    scenario: { type: 'string', default: scenarios.join() },
    rounds: { type: 'string', default: '3' },
    slices: { type: 'string', default: '7' },
    seconds: { type: 'string', default: '0.2' },
    connections: { type: 'string', default: '32' },
    checks: { type: 'boolean', default: true },
    json: { type: 'string' },
  },
  allowNegative: true,
})
const only = options.only?.split(',')
const asked = options.scenario.split(',')
const [rounds, slices, seconds, connections] = [
  options.rounds,
  options.slices,
  options.seconds,
  options.connections,
].map(Number)

/** The servers that the subjects need, without what would make them write to disk, and with what counts. */
const config = { redis: { appendonly: false }, postgres: { shared_preload_libraries: POSTGRES_COUNTER } }

/**
 * What the subjects write is removed at the end: for minutes after files were removed, ext4 takes up to ten times as long to
 * make new ones, since it passes over each inode that was in use lately.
 */
const folder = mkdtempSync(join(tmpdir(), 'sess-bench-'))
chmodSync(folder, 0o755) // PostgreSQL's own files lie in it too, and are another user's where we are root
process.env.TMPDIR = folder
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

/** Whether the load has a processor of its own, beside one for each of the others. */
const isAwake = ({ service }) => availableParallelism() > (service ? 2 : 1)

/** How a subject is loaded: a bare one in each way in which one is that is compared with it. */
const waysOf = (subject, subjects) =>
  subject.isBase ? new Set(subjects.filter(({ isBase }) => !isBase).map(isAwake)) : [isAwake(subject)]

/** What is asked of a subject: of a bare one the same, with a cookie that means nothing there. */
const pathOf = ({ isBase }, scenario) => {
  if (!isBase) return `/${scenario}`
  return needsSession(scenario) ? '/anonymous?cookie' : '/anonymous'
}

const keyOf = ({ name }, scenario, awake) => `${name} ${scenario} ${awake ? 'awake' : 'asleep'}`

/** Seconds for which a server is loaded before it counts: its code is compiled anew when the first second is over. */
const WARM_UP = 3
/** Seconds of each slice that don't count, until the processors' caches hold this server's code again. */
const SETTLING = 0.05

const all = await subjects()
const wanted = all.filter(
  ({ name, backend, framework, isBase }) =>
    !isBase && (!only || only.some((word) => [name, backend, framework].includes(word))),
)

/** What is compared: the subjects of one backend on bare node:http, or of one framework. The bare one is among them. */
const groups = new Map()
for (const subject of wanted) {
  const { framework, backend } = subject
  const key = framework === 'node' ? backend : framework
  if (!groups.has(key))
    groups.set(
      key,
      all.filter((other) => other.isBase && other.framework === framework),
    )
  groups.get(key).push(subject)
}

/** The servers that one group needs. */
async function startServices(subjects) {
  const services = []
  for (const name of new Set(subjects.map(({ service }) => service).filter(Boolean))) {
    services.push(await startService(name, { config: config[name] ?? {} }))
  }
  Object.assign(process.env, ...services.map((service) => service.env))
  return services
}

/** A moment of one scenario on one server. */
async function slice({ service }, server, path, awake) {
  const load = { connections, awake }
  await server.load(path, { ...load, seconds: SETTLING })
  const before = await server.usage()
  const commands = await commandsOf(service)
  const { total, perSecond } = await server.load(path, { ...load, seconds })
  const after = await server.usage()
  return {
    perSecond,
    cpu: (after.cpu - before.cpu) / total,
    commands: commands === undefined ? undefined : ((await commandsOf(service)) - commands) / total,
  }
}

/** One round: new servers side by side, and slices of all that is measured, in turn. Adds to the figures. */
async function measure(subjects, figures) {
  const servers = new Map()
  for (const subject of subjects) {
    const server = await Server.start(subject.name)
    servers.set(subject, server)
    for (const scenario of asked) {
      await server.load(pathOf(subject, scenario), { connections, seconds: WARM_UP / asked.length })
    }
  }
  for (let n = 0; n < slices; n++) {
    for (const scenario of asked) {
      for (const subject of subjects) {
        for (const awake of waysOf(subject, subjects)) {
          const key = keyOf(subject, scenario, awake)
          const figure = await slice(subject, servers.get(subject), pathOf(subject, scenario), awake)
          figures.set(key, [...(figures.get(key) ?? []), figure])
        }
      }
    }
    subjects.push(subjects.shift()) // each comes after another one in turn
  }
  for (const server of servers.values()) await server.stop()
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

/** What is told of one subject; ratios are taken slice by slice. */
function summary(subject, subjects, figures, checked) {
  const { name, backend, framework, isBase, isMinimum } = subject
  const base = subjects.find((other) => other.isBase)
  const minimum = subjects.find((other) => other.isMinimum && other.backend === backend)
  const [awake] = waysOf(subject, subjects)
  const slicesOf = (other, scenario) => figures.get(keyOf(other, scenario, awake))
  const over = (own, others) => {
    if (!others || isBase) return undefined
    const ratios = own.map(({ perSecond }, n) => perSecond / others[n].perSecond)
    return { median: median(ratios), spread: spread(ratios) }
  }
  const ofScenario = (scenario) => {
    const own = slicesOf(subject, scenario)
    const bareOnes = slicesOf(base, scenario)
    const of = (slices, name) => median(slices.map((slice) => slice[name]))
    return {
      perSecond: of(own, 'perSecond'),
      overBare: over(own, bareOnes),
      overMinimum: over(own, minimum && slicesOf(minimum, scenario)),
      cpu: of(own, 'cpu') - (isBase ? 0 : of(bareOnes, 'cpu')),
      commands: own[0].commands === undefined ? undefined : of(own, 'commands'),
      ...checked,
    }
  }
  return {
    name,
    backend,
    framework,
    isBase: isBase === true,
    isMinimum: isMinimum === true,
    scenarios: Object.fromEntries(asked.map((scenario) => [scenario, ofScenario(scenario)])),
  }
}

const report = {
  machine: `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model}`,
  taken: `${rounds} rounds of ${slices} × ${seconds} s, ${connections} connections`,
  subjects: [],
}
for (const subjects of groups.values()) {
  const services = await startServices(subjects)
  const figures = new Map()
  for (let round = 0; round < rounds; round++) await measure([...subjects], figures)
  for (const subject of subjects) {
    const isNew = !report.subjects.some(({ name }) => name === subject.name) // a bare one is in many groups
    if (isNew) report.subjects.push(summary(subject, subjects, figures, options.checks ? await check(subject) : {}))
  }
  for (const service of services) await service.stop()
  if (options.json) writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`) // a long run may be ended
}
printTable(report)
