/**
 * The keys under which core keeps what is its own in a session. They start with one `@`; keys of the application that do
 * get another one in front. What somebody damaged under them is told apart here.
 * @module
 */
import { SessionError, show } from './errors.js'

/** When the session began, or its user logged in; milliseconds. */
export const CREATED_AT = '@created'
/** Whom the session is bound to by log-in. */
export const USER_ID = '@user'
/** Messages for the next page. */
export const FLASH = '@flash'
/** When `renewEvery` changed the token; milliseconds. */
export const RENEWED_AT = '@renewed'
/** Seconds after which this session expires, unused, where it asked for more than `maxLifetime`. */
export const LIFETIME = '@lifetime'
/** A record with this key is no session any more; it says which one goes on in its place: see `renewal.ts`. */
export const SUCCESSOR = '@next'

/** How a message is stored: with a name, so that removing it removes no message that came meanwhile. */
export type StoredMessage = readonly [name: string, kind: string, text: string]

/** What stands in an old record; `null`: the session has ended. */
export type Successor = { readonly id: string; readonly salt: string; readonly until: number } | null

interface OwnValues {
  [CREATED_AT]: number
  [USER_ID]: string
  [FLASH]: readonly StoredMessage[]
  [RENEWED_AT]: number
  [LIFETIME]: number
  [SUCCESSOR]: Successor
}

type Shape = readonly [expected: string, fits: (value: unknown) => boolean]

const isText = (value: unknown): boolean => typeof value === 'string'
const TIME: Shape = ['a time in milliseconds', Number.isFinite]
const SHAPES: Readonly<Record<keyof OwnValues, Shape>> = {
  [CREATED_AT]: TIME,
  [USER_ID]: ['a text', isText],
  [FLASH]: ['a list of messages', (value) => Array.isArray(value) && value.every(isMessage)],
  [RENEWED_AT]: TIME,
  [LIFETIME]: [
    'whole seconds',
    (value) => Number.isInteger(value) && (value as number) > 0 && (value as number) < 2 ** 31,
  ],
  [SUCCESSOR]: ['what comes after', isSuccessor],
}

function isMessage(item: unknown): boolean {
  return Array.isArray(item) && item.length === 3 && item.every(isText)
}

function isSuccessor(value: unknown): boolean {
  if (typeof value !== 'object') return false
  const { id, salt, until } = (value ?? { id: '', salt: '', until: 0 }) as Record<string, unknown>
  return isText(id) && isText(salt) && Number.isFinite(until)
}

/**
 * The value of one of core's own keys; `undefined` when there is none.
 * @throws {SessionError} `SESS_CORRUPT` when it is none that core wrote
 */
export function own<K extends keyof OwnValues>(
  store: { readonly id: string; get(key: string): unknown },
  key: K,
): OwnValues[K] | undefined {
  return sound(store.id, key, store.get(key))
}

/** The same of a value that is known, under the id of its session. */
export function sound<K extends keyof OwnValues>(id: string, key: K, value: unknown): OwnValues[K] | undefined {
  if (value === undefined) return undefined
  const [expected, fits] = SHAPES[key]
  if (fits(value)) return value as OwnValues[K]
  throw damaged(id, key, expected, value)
}

export const damaged = (id: string, key: string, expected: string, value: unknown): SessionError =>
  new SessionError('SESS_CORRUPT', `session ${id}, ${show(key)}: expected ${expected}, got ${show(value)}`)

/** What says which session it is: another one has its own. */
export const IDENTITY_KEYS: readonly string[] = [CREATED_AT, USER_ID, RENEWED_AT]
/** What the application can't remove with its own keys. */
export const KEPT_KEYS: readonly string[] = [...IDENTITY_KEYS, LIFETIME]

/** Whether there is anything besides our own marks of when a session began and how long it is to live. */
export function holdsAnything(store: { keys(): Iterable<string> }): boolean {
  for (const key of store.keys()) if (key !== CREATED_AT && key !== LIFETIME) return true
  return false
}
