// Lives beside a process that started servers, and outlives it: when the process ends, in whatever way, its end of our
// stdin closes, and what it left is ended and removed.
import { rmSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { isAlive, processTree, send } from './process-tree.mjs'
import { waitFor } from './wait.mjs'

/** @type {Map<number, NodeJS.Signals>} */
const servers = new Map()
/** @type {Set<string>} */
const folders = new Set()

/** @type {{ [K in import('./guard.mjs').Message['type']]: (message: Extract<import('./guard.mjs').Message, { type: K }>) => void }} */
const on = {
  started: ({ pid, signal }) => servers.set(pid, signal),
  ended: ({ pid }) => servers.delete(pid),
  made: ({ folder }) => folders.add(folder),
  removed: ({ folder }) => folders.delete(folder),
}

for await (const line of createInterface({ input: process.stdin })) {
  const message = JSON.parse(line)
  on[/** @type {import('./guard.mjs').Message['type']} */ (message.type)](message)
}

const left = [...servers].flatMap(([pid, signal]) => {
  const tree = processTree(pid)
  for (const each of tree) send(each, 'SIGCONT')
  send(pid, signal)
  return tree
})
await waitFor(() => !left.some(isAlive), { seconds: 3 })
for (const pid of left) if (isAlive(pid)) send(pid, 'SIGKILL')
await waitFor(() => !left.some(isAlive), { seconds: 3 })
for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
