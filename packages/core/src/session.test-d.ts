import { expectTypeOf, test } from 'vitest'
import type { Provider, Session, SessionData } from './index.js'
import { defineProvider, sessioner } from './index.js'
import { MemoryStorage } from './providers/memory.js'

declare module './session.js' {
  interface SessionData {
    typedUser: { id: number }
    typedVisits: number
  }
}

declare const session: Session

test('keys of SessionData are typed, others unknown', () => {
  expectTypeOf(session.get('typedUser')).toEqualTypeOf<{ id: number } | undefined>()
  expectTypeOf(session.get('other')).toEqualTypeOf<unknown>()
  session.set('typedVisits', 1)
  session.set('other', new Date())
  // @ts-expect-error a number is expected
  session.set('typedVisits', 'many')
  // @ts-expect-error an object with an id is expected
  session.set('typedUser', {})
})

test('update gives and takes the type of the key', () => {
  expectTypeOf(session.update('typedVisits', (n) => (n ?? 0) + 1)).toEqualTypeOf<Promise<number | undefined>>()
  expectTypeOf(session.update<string[]>('cart', (cart = []) => [...cart, 'x'])).toEqualTypeOf<
    Promise<string[] | undefined>
  >()
  expectTypeOf(session.update('other', (n: number = 0) => n + 1)).toEqualTypeOf<Promise<number | undefined>>()
  // @ts-expect-error a number is expected
  void session.update('typedVisits', () => 'many')
  // @ts-expect-error a number is expected, not the promise of one
  void session.update('typedVisits', async (n) => n)
})

test('who hands a key on keeps its type', () => {
  const setOf = <K extends keyof SessionData>(key: K, value: SessionData[K]): void => session.set(key, value)
  const updateOf = <K extends keyof SessionData>(key: K, value: SessionData[K]): unknown =>
    session.update(key, () => value)
  expectTypeOf(setOf).toBeFunction()
  expectTypeOf(updateOf).toBeFunction()
  session.set('a key'.trim(), 1)
  void session.update<number>('a key'.trim(), (n = 0) => n + 1)
})

test('a session has a lifetime in seconds, which can be set', () => {
  expectTypeOf(session.lifetime).toEqualTypeOf<number>()
  session.lifetime = 86_400
  // @ts-expect-error seconds are expected
  session.lifetime = '1d'
})

test('options are checked', () => {
  const key = new Uint8Array(32)
  void sessioner({ profile: 'asvs-l2', encryptionKey: [key, 'a text'], renewEvery: 600, renewGrace: 30 }).close()
  // @ts-expect-error no such profile
  sessioner({ profile: 'asvs' })
  // @ts-expect-error a key is bytes or a text
  sessioner({ encryptionKey: 7 })
  expectTypeOf(sessioner({ provider: 'memory', sameSite: 'strict' }).close()).toEqualTypeOf<Promise<void>>()
  // @ts-expect-error no such option
  sessioner({ cookiename: 'x' })
  // @ts-expect-error no such value
  sessioner({ sameSite: 'Lax' })
})

test('a provider is made of a storage, or of what opens one', () => {
  expectTypeOf(defineProvider(new MemoryStorage(1, Date.now))).toEqualTypeOf<Provider>()
  expectTypeOf(defineProvider({ name: 'x', open: () => new MemoryStorage(1, Date.now) })).toEqualTypeOf<Provider>()
})
