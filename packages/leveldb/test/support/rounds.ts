import type { Manager, Session } from '@sess/core'

/** Rounds end here even if there are fewer than wanted, so that a slow machine doesn't stop the suite. */
const MAX_MS = 15_000

/** Runs a round again and again, bounded in number and time, and says what came of it. */
export async function rounds(what: string, wanted: number, round: (n: number) => Promise<number>): Promise<number> {
  const start = Date.now()
  let done = 0
  let faults = 0
  while (done < wanted && Date.now() - start < MAX_MS) faults += await round(done++)
  console.log(`${what}: ${faults} in ${done} rounds, ${Date.now() - start} ms`)
  return faults
}

/** Between two steps of a request, so that requests mix in another order each time. */
export const moment = (max = 2): Promise<void> => new Promise((done) => setTimeout(done, Math.random() * max))

/** A new stored session; gives its Cookie header. */
export async function begin(manager: Manager, data: Record<string, unknown> = { begun: true }): Promise<string> {
  await manager.ready()
  const { token, id } = manager.newIdentity()
  const store = manager.provider.create(id)
  for (const [key, value] of Object.entries(data)) store.set(key, value)
  await store.release()
  return `${manager.options.cookieName}=${manager.cookieValue(token)}`
}

export const read = (manager: Manager, cookie: string): Promise<Session> => manager.read({ headers: { cookie } })
