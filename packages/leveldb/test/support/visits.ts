import type { Manager, Session } from '@sess/core'

/** Between two steps of a request, so that requests mix in another order each time. */
export const moment = (max = 2): Promise<void> => new Promise((done) => setTimeout(done, Math.random() * max))

export const read = (manager: Manager, cookie: string): Promise<Session> => manager.read({ headers: { cookie } })
