import { Hono } from 'hono'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { sessioner as forFetch, withSession } from './fetch.js'
import { sessioner as forHono } from './hono.js'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

describe('a trustProxy that lists addresses, where the server tells none', () => {
  const trustProxy = ['10.0.0.0/8']
  const behindProxy = { headers: { 'x-forwarded-proto': 'https' } }
  afterEach(() => vi.restoreAllMocks())

  /** Asks thrice, of these once without a proxy, and gives the warnings and the cookies. */
  async function ask(answer: (init?: RequestInit) => Promise<Response>): Promise<{ warned: string; cookies: string }> {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    await answer()
    expect(warn).not.toHaveBeenCalled()
    const answers = [await answer(behindProxy), await answer(behindProxy)]
    expect(warn).toHaveBeenCalledTimes(1)
    return {
      warned: (warn.mock.calls[0]![0] as Error).message,
      cookies: answers.map(({ headers }) => headers.getSetCookie()).join(),
    }
  }

  it('trusts nobody on Hono, and says once what is missing', async () => {
    const app = new Hono()
    const sessions = forHono({ trustProxy })
    closing.push(sessions.close)
    app.use(sessions)
    app.get('/', (c) => {
      c.var.session.set('a', 1)
      return c.body(null)
    })
    const { warned, cookies } = await ask(async (init) => app.request('/', init))
    expect(warned).toMatch(/option trustProxy: .* sessioner\(options, getConnInfo\)/)
    expect(cookies).not.toContain('Secure')
  })

  it('trusts nobody where open() is not told either, and says so once', async () => {
    const sessions = forFetch({ trustProxy })
    closing.push(sessions.close)
    const { warned, cookies } = await ask(async (init) => {
      const { session, commit } = await sessions.open(new Request('http://localhost/', init))
      session.set('a', 1)
      return commit(new Response())
    })
    expect(warned).toMatch(/option trustProxy: .* open\(request, \{ remoteAddress \}\)/)
    expect(cookies).not.toContain('Secure')
  })

  it('is refused by withSession at once', () => {
    const handler = (): Response => new Response()
    expect(() => withSession(handler, { trustProxy })).toThrow(
      expect.objectContaining({ code: 'SESS_OPTION', option: 'trustProxy' }),
    )
    closing.push(withSession(handler, { trustProxy }, () => ({ remoteAddress: '10.0.0.1' })).close)
    closing.push(withSession(handler, { trustProxy: true }).close)
  })
})
