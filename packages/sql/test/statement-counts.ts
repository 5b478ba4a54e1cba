/**
 * What a request costs the database, by the database's own log.
 * @module
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { App, AppOptions } from '../../../tools/testing/app.js'

/**
 * @param start an application server
 * @param taken the statements about the table since the last call, from the server's log
 * @param rows how many rows the table has
 */
export function statementCounts(
  start: (options: AppOptions) => Promise<App>,
  taken: () => Promise<string[]>,
  rows: () => Promise<number>,
): void {
  describe('the statements of a request', () => {
    let app: App
    let signed: App
    beforeAll(async () => {
      app = await start({ maxLifetime: 600 })
      signed = await start({ secret: 'a secret that is long enough' })
    })
    afterAll(async () => {
      await app.stop()
      await signed.stop()
    })

    async function verbs(fn: () => Promise<unknown>): Promise<string[]> {
      await taken()
      await fn()
      return (await taken()).map((statement) => /^\w+/.exec(statement)![0])
    }
    const forged = `MacaronSession=${'x'.repeat(32)}`

    it('none for a visitor without a session, and for malformed tokens', async () => {
      const visits = async (): Promise<void> => {
        for (const path of ['/untouched', '/read', '/logout']) {
          for (const cookie of ['', 'MacaronSession=x']) await app.get(path, cookie)
        }
      }
      expect(await verbs(visits)).toEqual([])
    })

    it('none for a forged token where there is a secret, else one; and nothing is left', async () => {
      const before = await rows()
      expect(await verbs(() => signed.get('/read', `${forged}.${'y'.repeat(43)}`))).toEqual([])
      expect(await verbs(() => app.get('/read', forged))).toEqual(['SELECT'])
      expect(await rows()).toBe(before)
    })

    it('one to create, one to read, two to write, none to write what is unchanged', async () => {
      let cookie = ''
      expect(await verbs(async () => (cookie = await app.begin('u')))).toEqual(['INSERT'])
      expect(await verbs(() => app.get('/read', cookie))).toEqual(['SELECT'])
      expect(await verbs(() => app.get('/unchanged', cookie))).toEqual(['SELECT'])
      expect(await verbs(() => app.get('/set?key=b', cookie))).toEqual(['SELECT', 'UPDATE'])
    })

    it('three to log in, two to log out', async () => {
      const cookie = await app.begin('u')
      let next: string | undefined
      expect(await verbs(async () => (next = (await app.get('/login', cookie)).setCookie))).toEqual([
        'SELECT',
        'SELECT',
        'UPDATE',
      ])
      expect(await verbs(() => app.get('/logout', next))).toEqual(['SELECT', 'DELETE'])
    })

    it('one for each once it was refreshed, for requests that come one after the other', async () => {
      const cookie = await app.begin('u')
      const statements = await verbs(async () => {
        for (let i = 0; i < 5; i++) await app.get('/read', cookie)
      })
      expect(statements).toEqual(Array.from({ length: 5 }, () => 'SELECT'))
    })

    it('fewer than one for each of those that come at once', async () => {
      const users = Array.from({ length: 40 }, (_, i) => `u${i}`)
      let cookies: string[] = []
      let bodies: string[] = []
      const get = async (path: string): Promise<void> => {
        const answers = await Promise.all(cookies.map((cookie) => app.get(path, cookie)))
        bodies = answers.map(({ body }) => body)
      }
      await Promise.all(users.map(() => app.get('/untouched'))) // a connection for each
      const creates = await verbs(async () => (cookies = await Promise.all(users.map((user) => app.begin(user)))))
      const reads = await verbs(() => get('/read'))
      expect(bodies).toEqual(users)
      const writes = await verbs(() => get('/add'))
      await get('/all')
      expect(bodies.map((body) => JSON.parse(body) as unknown)).toEqual(users.map((user) => ({ user, n: 1 })))
      const [begun, read, written] = [creates, reads, writes].map(({ length }) => length) as [number, number, number]
      console.log(`40 requests at once: ${begun} statements to create, ${read} to read, ${written} to write`)
      expect(begun).toBeLessThan(25)
      expect(read).toBeLessThan(25)
      expect(written).toBeLessThan(50)
    })
  })
}
