/**
 * The steps of which the sentences are made.
 * @module
 */
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Provider, RawStore } from '../provider.js'
import type { Fixture } from './fixture.js'

/** One sentence's proof: rejects when it does not hold. */
export type Proof = (fixture: Fixture) => Promise<void>

/** States one sentence. */
export type State = (sentence: string, proof: Proof) => void

/** An id as managers make them, of 16 characters unless said. */
export function newId(length = 16): string {
  return randomBytes(length).toString('base64url').slice(0, length)
}

/** Sets keys in the session under `id`, which is created when missing. */
export async function put(provider: Provider, id: string, values: Record<string, unknown>): Promise<void> {
  const store = await provider.read(id)
  for (const [key, value] of Object.entries(values)) store.set(key, value)
  await store.release()
}

/** A new session with these keys; gives its id. */
export async function begin(provider: Provider, values: Record<string, unknown> = { n: 1 }): Promise<string> {
  const id = newId()
  await put(provider, id, values)
  return id
}

/** The session if there is one; nothing is created. */
export async function find(provider: Provider, id: string): Promise<RawStore | undefined> {
  if (provider.open) return provider.open(id)
  return (await provider.exist(id)) ? provider.read(id) : undefined
}

/** The session, which has to be there. */
export async function get(provider: Provider, id: string): Promise<RawStore> {
  const store = await find(provider, id)
  if (store) return store
  throw new Error(`expected session ${id} to be there, but the provider does not have it`)
}

/** What a key of a session holds, read anew. */
export async function valueOf(provider: Provider, id: string, key: string): Promise<unknown> {
  return (await find(provider, id))?.get(key)
}

/** Calls `fn` with 0 to `count` - 1, all at once. When one fails the others have come to their end, too. */
export async function parallel<T>(count: number, fn: (i: number) => Promise<T>): Promise<T[]> {
  const calls = Array.from({ length: count }, (_, i) => fn(i))
  await Promise.allSettled(calls)
  return Promise.all(calls)
}

/** How the requests of one round of a race follow each other. */
export type Pace = () => Promise<void>

const atOnce: Pace = async () => undefined

/** A random time, so that requests overtake each other. */
const dawdling: Pace = () => sleep(Math.random() * 10)

/** Runs a race again and again, in turn with all requests at the same moment, and spread over some milliseconds. */
export async function repeat({ options }: Fixture, race: (pace: Pace) => Promise<void>): Promise<void> {
  for (let round = 0; round < options.rounds; round++) await race(round % 2 === 0 ? atOnce : dawdling)
}
