import { describe, expect, it } from 'vitest'
import { loadProvider } from '../src/provider.js'
import { readSettings, UsageError } from '../src/settings.js'

describe('readSettings', () => {
  it('has memory on port 3000 as its default', () => {
    const settings = { help: false, port: 3000, provider: 'memory', providerConfig: undefined }
    expect(readSettings([], {})).toEqual(settings)
    expect(readSettings([], { PORT: '', SESSION_PROVIDER: '' })).toEqual(settings)
  })

  it('takes variables, and arguments before them', () => {
    const env = { PORT: '4000', SESSION_PROVIDER: 'file', SESSION_PROVIDER_CONFIG: 'a' }
    expect(readSettings([], env)).toMatchObject({ port: 4000, provider: 'file', providerConfig: 'a' })
    const args = ['--port', '0', '--provider=redis', '--provider-config', 'addr=127.0.0.1:6379']
    expect(readSettings(args, env)).toMatchObject({ port: 0, provider: 'redis', providerConfig: 'addr=127.0.0.1:6379' })
  })

  it.each([[['--port', 'x']], [['--port', '65536']], [['--port=']], [['--prot', '1']], [['what']]])(
    'refuses %j',
    (args) => {
      expect(() => readSettings(args, {})).toThrow(UsageError)
    },
  )
})

describe('loadProvider', () => {
  it('has memory and file without an import', async () => {
    await loadProvider('memory')
    await loadProvider('file')
  })

  it('names the package that is not installed', async () => {
    await expect(loadProvider('none-such')).rejects.toThrow(
      'needs the package @sess/provider-none-such, which is not installed',
    )
  })

  it('imports no path', async () => {
    await expect(loadProvider('../../evil')).rejects.toThrow(UsageError)
  })
})
