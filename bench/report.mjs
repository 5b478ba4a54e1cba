// Makes docs/performance.md and its plots of what run.mjs and growth.mjs reported: node report.mjs <run.json> [<growth.json>].
// Without the second the plot of growth stays as it is.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { growth, ratios } from './plots.mjs'
import { median } from './statistics.mjs'

const docs = (name) => fileURLToPath(new URL(`../docs/${name}`, import.meta.url))
const read = (path) => JSON.parse(readFileSync(path, 'utf8'))
const [{ machine, taken, subjects }, grown] = process.argv.slice(2).map(read)

const TIMED = ['read', 'write', 'create']
const isTimed = ({ isBase }) => !isBase
const onNode = subjects.filter((subject) => isTimed(subject) && subject.framework === 'node')
const inFrameworks = subjects.filter((subject) => isTimed(subject) && subject.framework !== 'node')

const ratio = (figure) => (figure ? figure.median.toFixed(2) : '–')
const row = (cells) => `| ${cells.join(' | ')} |`
const yesNo = (count) => (count === undefined ? '–' : count > 0 ? 'yes' : 'no')

const nameOf = ({ name, isMinimum }) => (isMinimum ? `*${name}*` : name)

/** A row of the first table: over the minimum, commands, and what it is worth. */
function nodeRow({ scenarios: { anonymous, read, write, create }, ...subject }) {
  const commands = [read, write, create].map((figures) => figures?.commands?.toFixed(1) ?? '–').join(' · ')
  return row([
    nameOf(subject),
    ratio(anonymous?.overBare),
    ...[read, write, create].map((figures) => ratio(figures?.overMinimum)),
    ...[read, write, create].map((figures) => figures?.cpu.toFixed(0) ?? '–'),
    commands,
    read?.lost ?? '–',
    yesNo(read?.back),
    read?.memory ?? '–',
  ])
}

const ofBackend = (backend) => onNode.filter((subject) => subject.backend === backend)

function nodeTable(backend) {
  return [
    row([
      '',
      'anonymous',
      'read',
      'write',
      'create',
      'µs read',
      'write',
      'create',
      'commands',
      'lost of 50',
      'back',
      'MB',
    ]),
    row(Array.from({ length: 12 }, () => '---')),
    ...ofBackend(backend).map(nodeRow),
  ].join('\n')
}

function frameworkTable() {
  return [
    row(['', 'on', 'anonymous', ...TIMED, 'lost of 50', 'back']),
    row(Array.from({ length: 8 }, () => '---')),
    ...inFrameworks.map(({ framework, scenarios, ...subject }) =>
      row([
        nameOf(subject),
        framework,
        ...['anonymous', ...TIMED].map((scenario) => ratio(scenarios[scenario]?.overBare)),
        scenarios.read?.lost ?? '–',
        yesNo(scenarios.read?.back),
      ]),
    ),
  ].join('\n')
}

/** In percent: the median of all ratios' spreads, and the largest. What is measured against itself has none. */
function spreads() {
  const figures = subjects.filter(isTimed).flatMap(({ scenarios }) => Object.values(scenarios))
  const all = figures
    .flatMap(({ overBare, overMinimum }) => [overBare, overMinimum])
    .flatMap((figure) => (figure && figure.spread > 0 ? [Math.round(figure.spread * 100)] : []))
  return { middle: median(all), most: Math.max(...all) }
}

const backends = [...new Set(onNode.map(({ backend }) => backend))].filter((backend) => backend !== 'cookie')

const { middle, most } = spreads()
writeFileSync(docs('performance.svg'), await ratios(backends.flatMap(ofBackend)))
if (grown) writeFileSync(docs('growth.svg'), await growth(grown))
writeFileSync(
  docs('performance.md'),
  `# How fast

Every way to have a session, in one run: \`npm run bench\` takes these figures again on your machine, and only what is taken in
one run on one machine can be compared. ${machine}; ${taken}; medians. The server, the load and the store share the
processors, as they do on a small machine.

![Requests a second, reading, writing and beginning a session, over the hand-written minimum](performance.svg)

The servers of a table run side by side, each measured for a moment in turn, since others work on the same hardware and its
speed changes. Half of a ratio's slices lie within ±${middle} % of the median for the usual one, ±${most} % for the worst.
A virtual machine that pays dearly for each memory page a request touches shows what runs much code per request as slower than
it is elsewhere: without HTTP (\`node bench/in-process.mjs\`) this middleware took 1.2 µs for an anonymous request, 7 µs to read
two fields of 1 KB in memory, 8 µs to write one, and 19 µs to begin a session of 13 keys.

## Backends, on bare node:http

The rows in italics are the least that a session can be by hand: a cookie, one command to read, JSON, one to write; they lose
parallel changes. *anonymous* is req/s over bare \`node:http\`, more than 1 where requests that come at once go on together, as
they do here on a busy server ([decision 014](../decisions/014-together.md)); *read*, *write* and *create* are req/s over the
minimum of the same backend, then microseconds of CPU that a request took beyond a bare one. *commands*: how many the store
carried out for a request that reads, writes, begins a session. *lost of 50*: how many changes went when 50 requests at once
each set another key. *back*: whether a session that was ended came back by a request under way. *MB*: what 100,000 sessions of
1 KB added to the process.

${backends.map((backend) => `### ${backend}\n\n${nodeTable(backend)}`).join('\n\n')}

### in the cookie

Nothing is stored: all of a session goes over the line with each request, and none can be ended.

${nodeTable('cookie')}

## Frameworks

Requests a second over the same framework without sessions, which got the same cookies; in italics by hand, as above. Express
sets another prototype for each request and response, and up to Node 22 each property that is added to such an object, by us or
by anybody, costs 1 to 2 µs; with our sessions it no longer does ([decision 016](../decisions/016-express-dictionary.md)), so
that Express answers about as many with a session as without. On Node 24 Express by itself answers three times as many
requests, and with a session that is read 0.97 of that.

${frameworkTable()}

## As the work grows

![A read and a write with more sessions, larger ones, and more at a time](growth.svg)

\`node bench/growth.mjs\`: 1,000 to 1,000,000 sessions in the store, read in an order of chance; a session of 100 bytes to 1 MB,
of which one small value is read or changed; 1 to 256 requests at a time, over HTTP. The first two are without HTTP, and don't
count what the store's own process takes. Nothing gets dearer by the number of sessions but what the processor's caches no
longer hold; a large session costs what its bytes do, which is why a session should hold the id of a thing and not the thing.

What each row does: [\`bench/subjects\`](../bench/subjects). What a request of each scenario does: [\`bench/\`](../bench/README.md).
`,
)
