/**
 * The keys under which core keeps what is its own in a session. They start with one `@`; keys of the application that do
 * get another one in front.
 * @module
 */

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

/** What says which session it is: another one has its own. */
export const IDENTITY_KEYS: readonly string[] = [CREATED_AT, USER_ID, RENEWED_AT]
/** What the application can't remove with its own keys. */
export const KEPT_KEYS: readonly string[] = [...IDENTITY_KEYS, LIFETIME]

/** Whether there is anything besides our own marks of when a session began and how long it is to live. */
export function holdsAnything(store: { keys(): Iterable<string> }): boolean {
  for (const key of store.keys()) if (key !== CREATED_AT && key !== LIFETIME) return true
  return false
}
