import { describe, expect, it } from 'vitest'
import type { SessionOptions } from './index.js'
import { createManager } from './index.js'
import { resolveOptions } from './options.js'
import { Visitor } from './testing/visitor.js'

const resolve = (options: SessionOptions): ReturnType<typeof resolveOptions> =>
  resolveOptions({ profile: 'asvs-l2', ...options }, {})

describe("profile: 'asvs-l2'", () => {
  it('has stricter defaults', () => {
    const options = resolve({})
    expect(options).toMatchObject({ secure: true, maxLifetime: 1800, absoluteLifetime: 43_200, idLength: 22 })
    expect(options.cookie.set('t', true)).toBe('__Host-MacaronSession=t; Path=/; HttpOnly; Secure; SameSite=Lax')
  })

  it('lets code, environment and file choose among what keeps the requirements', () => {
    const env = { SESSION_PROFILE: 'asvs-l2', SESSION_MAX_LIFETIME: '900' }
    expect(resolveOptions({ absoluteLifetime: 3600 }, env)).toMatchObject({ maxLifetime: 900, absoluteLifetime: 3600 })
    expect(resolve({ domain: 'example.org' }).cookieName).toBe('__Secure-MacaronSession')
    expect(resolve({ sameSite: 'strict', idLength: 43, encryptionKey: Buffer.alloc(32, 1) }).idLength).toBe(43)
  })

  it.each<[SessionOptions, keyof SessionOptions, string]>([
    [{ secure: false }, 'secure', '3.3.1'],
    [{ secure: 'auto' }, 'secure', '3.3.1'],
    [{ cookiePrefix: '' }, 'cookiePrefix', '3.3.1'],
    [{ cookiePrefix: '__Secure-' }, 'cookiePrefix', '3.3.3'],
    [{ sameSite: 'none' }, 'sameSite', '3.3.2'],
    [{ idLength: 16 }, 'idLength', '7.2.3'],
    [{ maxLifetime: 3601 }, 'maxLifetime', '7.3.1'],
    [{ absoluteLifetime: 0 }, 'absoluteLifetime', '7.3.2'],
    [{ absoluteLifetime: 86_401 }, 'absoluteLifetime', '7.3.2'],
  ])('refuses %j at start, naming the requirement', (options, option, requirement) => {
    expect(() => resolve(options)).toThrow(expect.objectContaining({ code: 'SESS_OPTION', option }))
    expect(() => resolve(options)).toThrow(`since profile is 'asvs-l2' (ASVS 5.0, ${requirement})`)
    expect(() => resolveOptions(options.sameSite === 'none' ? { ...options, secure: true } : {}, {})).not.toThrow()
  })

  it('refuses another name', () => {
    expect(() => resolve({ profile: 'asvs' as never })).toThrow(/option profile: expected one of "asvs-l2", got "asvs"/)
  })

  it('lets no session ask for more than an hour without use', async () => {
    const manager = createManager({ profile: 'asvs-l2' })
    await manager.ready()
    const visitor = new Visitor()
    await visitor.visit(manager, (session) => {
      session.lifetime = 3600
      expect(() => (session.lifetime = 3601)).toThrow(/to 3600, the most of profile 'asvs-l2'/)
    })
    await manager.close()
  })
})
