/**
 * What a request costs the store, as its server counts it.
 * @module
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { App, AppOptions } from './app.js'

const secret = 'a secret that is long enough'
const forged = `MacaronSession=${'x'.repeat(32)}`

export interface Costs<Commands> {
  /** An application server; all on one store. */
  start: (options: AppOptions) => Promise<App>
  /** The commands that came to the server while `fn` ran. */
  commands: (fn: () => Promise<unknown>) => Promise<Commands>
  /** How many records there are. */
  records: () => Promise<number>
  /** `touch`: a read that refreshes the expiry. `write` and `remove`: with the read before. */
  expected: Record<'none' | 'create' | 'read' | 'touch' | 'write' | 'remove', Commands>
}

export function costs<Commands>({ start, commands, records, expected }: Costs<Commands>): void {
  describe('the commands of a request', () => {
    let app: App
    let signed: App
    beforeAll(async () => {
      app = await start({})
      signed = await start({ secret })
      for (const each of [app, signed]) await warmUp(each)
    })
    afterAll(async () => {
      await app.stop()
      await signed.stop()
    })

    it('none for a visitor without a session, and for malformed tokens', async () => {
      const visits = async (): Promise<void> => {
        for (const path of ['/untouched', '/read', '/logout'])
          for (const cookie of ['', 'MacaronSession=x']) await app.get(path, cookie)
      }
      expect(await commands(visits)).toEqual(expected.none)
    })

    it('none for a forged token where there is a secret, else one; and nothing is left', async () => {
      const before = await records()
      expect(await commands(() => signed.get('/read', `${forged}.${'y'.repeat(43)}`))).toEqual(expected.none)
      expect(await commands(() => signed.get('/read', forged))).toEqual(expected.none)
      expect(await commands(() => app.get('/read', forged))).toEqual(expected.touch)
      expect(await records()).toBe(before)
    })

    it('one to create, one to read, two to write, two to log out, none to write what is unchanged', async () => {
      let cookie = ''
      expect(await commands(async () => (cookie = await app.begin('u')))).toEqual(expected.create)
      expect(await commands(() => app.get('/read', cookie))).toEqual(expected.read)
      expect(await commands(() => app.get('/unchanged', cookie))).toEqual(expected.read)
      expect(await commands(() => app.get('/set?key=b', cookie))).toEqual(expected.write)
      expect(await commands(() => app.get('/logout', cookie))).toEqual(expected.remove)
    })

    it('one also where the expiry is refreshed', async () => {
      const cookie = await signed.begin('u')
      const other = await start({ secret })
      await warmUp(other)
      expect(await commands(() => other.get('/read', cookie))).toEqual(expected.touch)
      expect(await commands(() => other.get('/read', cookie))).toEqual(expected.read)
      await other.stop()
    })
  })
}

/** Core learns from its first record that the store tells no expiry, and the store what it will be asked. */
async function warmUp(app: App): Promise<void> {
  await app.get('/set?key=a', await app.begin('first'))
}
