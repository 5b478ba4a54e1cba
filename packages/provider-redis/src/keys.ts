import type { RedisNode } from './client.js'
import type { Line } from './line.js'

/** How many keys the server looks at before it lets others work. */
const BATCH = 1000

/** The names of all keys with a prefix, on every master; some may come twice. */
export async function* keysOf(line: Line, prefix: string): AsyncGenerator<string> {
  await line.call('PING') // a cluster knows its masters when it is connected
  for (const node of line.masters()) yield* keysOn(line, node, `${escaped(prefix)}*`)
}

async function* keysOn(line: Line, node: RedisNode, pattern: string): AsyncGenerator<string> {
  let cursor = '0'
  do {
    const answer = await line.callOn(node, 'SCAN', cursor, 'MATCH', pattern, 'COUNT', BATCH)
    const [next, keys] = answer as [string | number, string[]]
    yield* keys
    cursor = String(next)
  } while (cursor !== '0')
}

/** Characters that mean something in a pattern stand for themselves. */
const escaped = (text: string): string => text.replace(/[\\*?[\]^-]/g, '\\$&')
