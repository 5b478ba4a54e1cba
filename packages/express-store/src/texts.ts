/**
 * A session of express-session as texts, one for each key, by which a change is found.
 * @module
 */
import type { StoredSession } from './store.js'

/** The attributes that express-session keeps beside the data. */
export interface CookieAttributes {
  /** Milliseconds; null: until the browser ends. */
  readonly originalMaxAge?: number | null
  readonly expires?: string | null
  readonly httpOnly?: boolean
  readonly path?: string
}

export interface Texts {
  readonly cookie: CookieAttributes
  /** As JSON, by key: what express-session's stores have always kept. */
  readonly data: ReadonlyMap<string, string>
}

/** What express-session needs of a session that began without it. */
export const DEFAULT_COOKIE: CookieAttributes = { originalMaxAge: null, expires: null, httpOnly: true, path: '/' }

export function textsOf(session: Partial<StoredSession>): Texts {
  const data = new Map<string, string>()
  for (const [key, value] of Object.entries(session)) {
    const text = key === 'cookie' ? undefined : (JSON.stringify(value) as string | undefined)
    if (text !== undefined) data.set(key, text)
  }
  const cookie = JSON.parse(JSON.stringify(session.cookie ?? DEFAULT_COOKIE)) as CookieAttributes
  return { cookie, data }
}

/** The part of `maxAge` by which an expiry has to move to be written: as seldom as core refreshes its own. */
const REFRESHED_PART = 1 / 60

/** Whether the cookie has to be written: its attributes differ, or its expiry has moved far enough. */
export function isCookieChanged(before: CookieAttributes, now: CookieAttributes): boolean {
  const attributes = (cookie: CookieAttributes): string => JSON.stringify({ ...cookie, expires: null })
  if (attributes(before) !== attributes(now)) return true
  if (before.expires == null || now.expires == null) return before.expires !== now.expires
  const moved = Math.abs(Date.parse(now.expires) - Date.parse(before.expires))
  return moved > (now.originalMaxAge ?? 0) * REFRESHED_PART
}
