import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { BareProvider } from '../test/conformance/subjects/bare-provider.js'
import { begin, managerOf, Vault } from '../test/support/vault.js'
import { resolveOptions } from './options.js'

const OTHER = randomBytes(32)

describe('the option encryptionKey', () => {
  const key = Buffer.alloc(32, 7)
  it.each([
    ['a Buffer', key],
    ['a Uint8Array', new Uint8Array(key)],
    ['base64', key.toString('base64')],
    ['base64url', key.toString('base64url')],
    ['hex', key.toString('hex')],
    ['several', [OTHER, key.toString('hex')]],
  ])('takes %s', async (_, encryptionKey) => {
    const vault = new Vault()
    const { visitor } = await begin(await vault.manager(key), { a: 1 })
    expect(await visitor.visit(await vault.manager(encryptionKey), (session) => session.get('a'))).toBe(1)
  })

  it('comes from the environment too, with commas between several', () => {
    const several = `${OTHER.toString('base64')},${key.toString('hex')}`
    expect(resolveOptions({}, { SESSION_ENCRYPTION_KEY: several }).cipher).toBeDefined()
    expect(() => resolveOptions({}, { SESSION_ENCRYPTION_KEY: 'short' })).toThrow(
      /SESSION_ENCRYPTION_KEY: expected .* 5 charac/,
    )
  })

  it.each([
    ['a passphrase', 'correct horse battery staple ok!', 'another text, of 32 characters'],
    ['31 bytes', key.subarray(1), '31 bytes'],
    ['33 bytes as hex', Buffer.alloc(33, 7).toString('hex'), 'another text, of 66 characters'],
    ['none', [], 'none'],
    ['a wrong second one', [key, 'correct horse'], 'another text, of 13 characters as number 2'],
    ['a number', 7, 'a value of type number'],
    ['the same twice', [key, key.toString('hex')], 'the same key twice'],
  ])('refuses %s without printing it', (_, encryptionKey, got) => {
    const attempt = (): unknown => resolveOptions({ encryptionKey: encryptionKey as string }, {})
    expect(attempt).toThrow(expect.objectContaining({ code: 'SESS_OPTION', option: 'encryptionKey' }))
    expect(attempt).toThrow(got)
    expect(attempt).not.toThrow(/correct horse|0707/)
  })

  it('leaves no key in what the manager shows', async () => {
    const { options } = await managerOf(new BareProvider(), OTHER.toString('hex'))
    expect(Object.keys(options)).not.toContain('encryptionKey')
    expect(JSON.stringify(options)).not.toContain(OTHER.toString('hex'))
  })
})
