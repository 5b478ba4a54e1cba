import { describe, expect, it, vi } from 'vitest'
import type * as Errors from './errors.js'
import { show } from './errors.js'
import { createManager, defineProvider, OptionError, SessionError } from './index.js'

/** As when one is imported as ESM and the other required as CommonJS. */
async function otherCopy(): Promise<typeof Errors> {
  vi.resetModules()
  return import('./errors.js')
}

describe('an error of another copy of the package', () => {
  it('is an instance all the same', async () => {
    const other = await otherCopy()
    expect(other.OptionError).not.toBe(OptionError)
    const wrong = new other.OptionError('port', 'a number', '"x"')
    expect(wrong).toBeInstanceOf(OptionError)
    expect(wrong).not.toBeInstanceOf(SessionError)
    expect(new other.SessionError('SESS_GONE', 'gone')).toBeInstanceOf(SessionError)
    for (const none of [new TypeError('x'), new SessionError('SESS_ID', 'x'), 'SESS_OPTION', null, undefined]) {
      expect(none).not.toBeInstanceOf(OptionError)
    }
  })

  it('that says an option is wrong stays so, also when a driver finds it while it opens', async () => {
    const other = await otherCopy()
    const provider = defineProvider({
      name: 'late',
      open: async () => {
        await Promise.resolve()
        throw new other.OptionError('port', 'a number', '"x"')
      },
    })
    await expect(createManager({ provider }).ready()).rejects.toMatchObject({ code: 'SESS_OPTION', option: 'port' })
  })
})

describe('what was given', () => {
  const text = `\u001b\u009b\u2028${'x'.repeat(1000)}`
  it.each<[unknown, RegExp]>([
    [text, /^"\\u001b\\u009b\\u2028x{57}…"$/],
    [Symbol(text), /^Symbol\("\\u001b/],
    [Symbol('s'), /^Symbol\(s\)$/],
    [Symbol(), /^Symbol\(\)$/],
    [10n ** 100n, /^10{59}…n$/],
    [JSON.parse(`{"constructor":{"name":${JSON.stringify(text)}}}`), /^an object \(another constructor\)$/],
    [JSON.parse('{"constructor":7}'), /^an object \(another constructor\)$/],
    [new (Object.defineProperty(class {}, 'name', { value: text }))(), /^an object \("\\u001b/],
    [Object.create(null), /^an object \(no prototype\)$/],
    [new Date(), /^an object \(Date\)$/],
    [[1, 2], /^an array of 2$/],
  ])('is shown on one short line (%#)', (value, shown) => {
    expect(show(value)).toMatch(shown)
  })
})
