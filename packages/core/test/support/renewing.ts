import type { Manager, Provider, Session, SessionOptions } from '../../src/index.js'
import { createManager } from '../../src/index.js'
import { Visitor } from '../../src/testing/visitor.js'

let now = Date.parse('2026-01-01')
export const clock = (): number => now
export const later = (seconds: number): void => void (now += seconds * 1000)

export const SETTINGS: SessionOptions = { clock, maxLifetime: 3600, renewEvery: 600, renewGrace: 30 }

/** A manager, opened. */
export async function managerOf(provider: Provider, options: SessionOptions = {}): Promise<Manager> {
  const manager = createManager({ ...SETTINGS, provider, ...options })
  await manager.ready()
  return manager
}

export const read = (session: Session): unknown[] => [session.isNew, session.get('n')]

/** Somebody with a session whose token is due to be renewed, and the cookie that is. */
export async function due(manager: Manager, values: Record<string, unknown> = { n: 1 }): Promise<Visitor> {
  const visitor = new Visitor()
  await visitor.visit(manager, (session) => {
    for (const [key, value] of Object.entries(values)) session.set(key, value)
  })
  later(600)
  return visitor
}
