import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import type { Storage } from '@sess/core'
import type { MemcacheProviderOptions } from '../src/index.js'
import { resolve } from '../src/options.js'
import { openStorage } from '../src/provider.js'

export const newId = (): string => randomBytes(12).toString('base64url')
export const sleep = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds))

/** A storage, opened. */
export function storageOn(
  options: MemcacheProviderOptions | string,
  reports: Error[] = [],
  storeTimeout = 2,
): Promise<Storage> {
  return openStorage(resolve(options, storeTimeout), { report: (error) => void reports.push(error) })
}

/** Sends a line of the text protocol, and gives the answer up to its last line. */
export function tell(
  port: number,
  line: string,
  last: RegExp = /^(END|OK|RESET|DELETED|NOT_FOUND|STORED|ERROR)/m,
): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(`${line}\r\n`))
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      answer += chunk
      if (!last.test(answer)) return
      resolve(answer)
      socket.destroy()
    })
    socket.on('error', reject)
  })
}

/** Keys and values of everything that a server holds. */
export async function dumpOf(port: number): Promise<string> {
  const keys = Array.from((await tell(port, 'lru_crawler metadump all')).matchAll(/^key=(\S+)/gm), ([, key]) =>
    decodeURIComponent(key!),
  )
  const values = await Promise.all(keys.map((key) => tell(port, `get ${key}`, /^END\r\n$/m)))
  return [...keys, ...values].join('\n')
}

const COUNTERS = ['cmd_get', 'cmd_set', 'cmd_touch', 'delete_hits', 'delete_misses', 'curr_items']

/** What the server counted; those that are not 0. A GAT counts as `cmd_touch`. */
export async function counters(port: number): Promise<Record<string, number>> {
  const stats = await tell(port, 'stats')
  const counts: Record<string, number> = {}
  for (const [, name, value] of stats.matchAll(/STAT (\w+) (\d+)/g)) {
    if (COUNTERS.includes(name!)) counts[name!] = Number(value)
  }
  return counts
}

/** How far `fn` moved the counters; those that moved. */
export async function counted(port: number, fn: () => Promise<unknown>): Promise<Record<string, number>> {
  const before = await counters(port)
  await fn()
  const after = await counters(port)
  const moved = Object.entries(after).map(([name, value]) => [name, value - before[name]!] as const)
  return Object.fromEntries(moved.filter(([name, value]) => value !== 0 && name !== 'curr_items'))
}
