import { describe, expect, it, vi } from 'vitest'
import type * as Errors from './errors.js'
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
