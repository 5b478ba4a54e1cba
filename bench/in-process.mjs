// What the middleware itself takes, without HTTP, sessions in memory: node in-process.mjs [requests]. Prints microseconds of
// CPU per request, the best of six rounds.
import { cpuOf, inside } from './inside.mjs'
import { act, needsSession, scenarios } from './scenarios.mjs'

const REQUESTS = Number(process.argv[2] ?? 32_000)
const VISITORS = 32

const { visit, close } = await inside()
const does = Object.fromEntries([...scenarios, 'seed'].map((name) => [name, (session) => act(`/${name}`, session)]))
const cookies = []
for (let n = 0; n < VISITORS; n++) cookies.push(await visit(undefined, does.seed))

for (const scenario of scenarios) {
  const cookieOf = needsSession(scenario) ? (n) => cookies[n % VISITORS] : () => undefined
  const rounds = []
  for (let round = 0; round < 6; round++) {
    rounds.push(await cpuOf(REQUESTS, (n) => visit(cookieOf(n), does[scenario])))
  }
  console.log(`${scenario.padEnd(10)} ${Math.min(...rounds).toFixed(1)} µs`)
}
await close()
