import { fork } from 'node:child_process'
import { once } from 'node:events'
import { until } from './until.js'

/**
 * Kills a program that writes sessions, of which two at least were acknowledged.
 * @param script calls `writeUntilKilled`
 * @returns the acknowledged sessions by their cookie, with the number of the last write
 */
export async function killedInTheMiddle(script: URL, args: string[]): Promise<Map<string, number>> {
  const child = fork(script, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const done = new Map<string, number>()
  child.on('message', ({ cookie, n }: { cookie: string; n: number }) => done.set(cookie, n))
  const died = once(child, 'exit')
  const begun = until(() => done.size > 1)
  await Promise.race([begun, died.then(() => Promise.reject(new Error('it died: is dist built?')))])
  await new Promise((wait) => setTimeout(wait, Math.random() * 30))
  child.kill('SIGKILL')
  await died
  return done
}
