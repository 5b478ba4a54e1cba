import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import type { SessionOptions } from './index.js'
import { createManager, memory, sessioner } from './index.js'
import { OPTION_NAMES } from './option-checks.js'
import { resolveOptions } from './options.js'

const folder = mkdtempSync(join(tmpdir(), 'sess-options-'))
afterAll(() => rmSync(folder, { recursive: true }))

function ini(text: string): string {
  const path = join(folder, `${Math.random()}.ini`)
  writeFileSync(path, text)
  return path
}

describe('the documented defaults', () => {
  it('are ours', () => {
    expect(resolveOptions({}, {})).toMatchObject({
      provider: 'memory',
      providerConfig: '',
      cookieName: 'MacaronSession',
      gcLifetime: 3600,
      maxLifetime: 3600,
      cookieLifeTime: 0,
      idLength: 16,
      secure: 'auto',
      lazy: false,
      storeTimeout: 5,
      onOutage: 'fail',
      absoluteLifetime: 0,
    })
    expect(resolveOptions({}, {}).cookie.set('t', false)).toBe('MacaronSession=t; Path=/; HttpOnly; SameSite=Lax')
  })

  it('maxLifetime is gcLifetime unless it is said', () => {
    expect(resolveOptions({ gcLifetime: 60 }, {}).maxLifetime).toBe(60)
    expect(resolveOptions({ gcLifetime: 60, maxLifetime: 7 }, {}).maxLifetime).toBe(7)
  })
})

describe('what is said where', () => {
  const configFile = ini(
    '[session]\nPROVIDER=file\nCOOKIE_NAME=fromIni\nSECURE=true\nMAX_LIFE_TIME=11\nGC_INTERVAL_TIME=12\nCOOKIE_SAME_SITE=Strict\n[a.b]\nDOMAIN=example.org\n',
  )

  it('code wins over the environment, that over the ini file, that over the default', () => {
    const env = {
      SESSION_COOKIE_NAME: 'fromEnv',
      SESSION_ID_LENGTH: '20',
      SESSION_CONFIG_FILE: configFile,
      SESSION_MANAGER: 'a desktop',
    }
    const { cookieName, idLength, provider, secure, maxLifetime, gcLifetime } = resolveOptions({ secure: false }, env)
    expect({ cookieName, idLength, provider, secure, maxLifetime, gcLifetime }).toEqual({
      cookieName: 'fromEnv',
      idLength: 20,
      provider: 'file',
      secure: false,
      maxLifetime: 11,
      gcLifetime: 12,
    })
    expect(resolveOptions({ configFile, cookieName: 'fromCode' }, env).cookieName).toBe('fromCode')
    expect(resolveOptions({ configFile }, {}).cookie.set('t', true)).toBe(
      'fromIni=t; Path=/; HttpOnly; Secure; SameSite=Strict',
    )
  })

  it("every key of the ancestor's ini files", () => {
    const configFile = ini(`[session]
PROVIDER = file
PROVIDER_CONFIG = data/sessions
COOKIE_NAME = i_like_cookies
COOKIE_PATH = /app
GC_INTERVAL_TIME = 86400
MAX_LIFE_TIME = 604800
SECURE = true
COOKIE_SAME_SITE = Strict
COOKIE_LIFE_TIME = 86400
DOMAIN = example.org
ID_LENGTH = 20
IGNORE_RELEASE_FOR_WEBSOCKET = true`)
    const options = resolveOptions({ configFile }, {})
    expect(options).toMatchObject({
      provider: 'file',
      providerConfig: 'data/sessions',
      gcLifetime: 86_400,
      maxLifetime: 604_800,
      idLength: 20,
    })
    expect(options).not.toHaveProperty('IGNORE_RELEASE_FOR_WEBSOCKET')
    expect(options.cookie.set('t', true)).toBe(
      'i_like_cookies=t; Max-Age=86400; Domain=example.org; Path=/app; HttpOnly; Secure; SameSite=Strict',
    )
  })

  it('undefined in code says nothing', () => {
    expect(resolveOptions({ provider: undefined as never }, { SESSION_PROVIDER: 'file' }).provider).toBe('file')
  })

  it.each(['profile', 'secret', 'encryptionKey'])(
    '%s: undefined in code is an error where nothing else says it, as of a variable that is unset',
    (option) => {
      expect(() => resolveOptions({ [option]: undefined }, {})).toThrow(
        `option ${option}: expected a value, or not to be there, got undefined: is a variable unset?`,
      )
    },
  )

  it('undefined is as nothing where the default is as secure', () => {
    expect(resolveOptions({ domain: undefined as never, maxLifetime: undefined as never }, {}).maxLifetime).toBe(3600)
  })

  it('another section, dots in its name included, and none', () => {
    expect(resolveOptions({ configFile, section: 'a.b' }, {}).cookie.set('t', false)).toContain('Domain=example.org')
    expect(resolveOptions({ configFile, section: 'absent' }, {}).cookieName).toBe('MacaronSession')
  })

  it.each(['127.0.0.1:9090;127.0.0.1:9091', 'addr=127.0.0.1:6379,password=ma#caron', 'a:b;c@tcp(h:1)/d?e=f'])(
    'a config string in an ini file needs no quotes: %s',
    (config) => {
      for (const value of [config, `"${config}"`, `\`${config}\``]) {
        const configFile = ini(`[session]\nPROVIDER_CONFIG = ${value} ; a comment`)
        expect(resolveOptions({ configFile }, {}).providerConfig).toBe(config)
      }
    },
  )

  it('secure takes the words of the other booleans, and auto', () => {
    for (const word of ['1', 'on', 'Yes', 'TRUE']) {
      expect(resolveOptions({}, { SESSION_SECURE: word }).secure).toBe(true)
      expect(resolveOptions({ configFile: ini(`[session]\nSECURE = ${word}`) }, {}).secure).toBe(true)
    }
    for (const word of ['0', 'off', 'No', 'FALSE'])
      expect(resolveOptions({}, { SESSION_SECURE: word }).secure).toBe(false)
    expect(resolveOptions({}, { SESSION_SECURE: 'Auto' }).secure).toBe('auto')
    expect(() => resolveOptions({}, { SESSION_SECURE: 'maybe' })).toThrow(
      /option SESSION_SECURE: expected one of true, false, "auto"/,
    )
  })

  const wrong: [string, SessionOptions, NodeJS.ProcessEnv, RegExp][] = [
    [
      'a line without a value',
      { configFile: ini('[session]\nLAZY') },
      {},
      /\[session\]: expected lines of the form KEY/,
    ],
    [
      'a missing file',
      { configFile: join(folder, 'none.ini') },
      {},
      /configFile: expected a readable ini file, got ".*none.ini" \(ENOENT\)/,
    ],
    [
      'an unknown ini key',
      { configFile: ini('[session]\nCOKIE=x') },
      {},
      /COKIE in \[session\]: expected one of PROVIDER/,
    ],
    [
      'a wrong ini value',
      { configFile: ini('[session]\nID_LENGTH=many') },
      {},
      /ID_LENGTH in \[session\]: expected a whole number, got "many"/,
    ],
    [
      'to have the session of a WebSocket saved by itself',
      { configFile: ini('[session]\nIGNORE_RELEASE_FOR_WEBSOCKET = false') },
      {},
      /IGNORE_RELEASE_FOR_WEBSOCKET in \[session\]: expected true or no such line, since only its own release\(\) saves/,
    ],
    [
      'another word there',
      { configFile: ini('[session]\nIGNORE_RELEASE_FOR_WEBSOCKET = maybe') },
      {},
      /IGNORE_RELEASE_FOR_WEBSOCKET in \[session\]: expected true or false, got "maybe"/,
    ],
    ['a wrong variable', {}, { SESSION_LAZY: 'maybe' }, /SESSION_LAZY: expected true or false, got "maybe"/],
    [
      'a variable out of range',
      {},
      { SESSION_ID_LENGTH: '3' },
      /option SESSION_ID_LENGTH: expected a whole number from 11 to 43, got 3/,
    ],
    [
      'an ini value out of range',
      { configFile: ini('[session]\ngc_interval_time = 0') },
      {},
      /^option gcLifetime, gc_interval_time in \[session\]: expected a whole number from 1 to 2147483, got 0/,
    ],
    [
      'an ini value that a variable wins over, and that is wrong there',
      { configFile: ini('[session]\nID_LENGTH = 20') },
      { SESSION_ID_LENGTH: '3' },
      /^option SESSION_ID_LENGTH: expected/,
    ],
    [
      'an ini list of what is no address',
      { configFile: ini('[session]\nTRUST_PROXY = 10.0.0.1, proxy') },
      {},
      /^option trustProxy, TRUST_PROXY in \[session\]: expected addresses and CIDR ranges/,
    ],
    [
      'an ini value that contradicts what code says',
      { configFile: ini('[app]\nRENEW_GRACE = 60'), section: 'app', renewEvery: 30 },
      {},
      /^option renewGrace, RENEW_GRACE in \[app\]: expected less than renewEvery \(30\), got 60/,
    ],
    [
      'an ini value that breaks a profile',
      { configFile: ini('[session]\nMAX_LIFE_TIME = 7200'), profile: 'asvs-l2' },
      {},
      /^option maxLifetime, MAX_LIFE_TIME in \[session\]: expected at most 3600/,
    ],
  ]
  it.each(wrong)('%s is an error at start', (_what, options, env, message) => {
    expect(() => resolveOptions(options, env)).toThrow(
      expect.objectContaining({ code: 'SESS_OPTION', message: expect.stringMatching(message) as string }),
    )
  })
})

it('a wrong value of a variable is an error that names the variable, unless code says another', () => {
  const env = { SESSION_SECRET: 'keyboard cat' } // a name that many an application has for express-session
  expect(() => resolveOptions({}, env)).toThrow(
    /^option SESSION_SECRET: expected one or several texts of at least 16 characters, got one of 12$/,
  )
  expect(() => resolveOptions({ secret: 'short' }, env)).toThrow(/^option secret: /)
  expect(resolveOptions({ secret: 'sixteen letters or more' }, env).signer).toBeDefined()
})

it('commas part the secrets of a variable, and the error of one that holds a comma says so by its number', () => {
  const { signer } = resolveOptions({}, { SESSION_SECRET: `${'a'.repeat(16)}, ${'b'.repeat(16)}` })
  expect(signer?.isRotating).toBe(true)
  expect(() => resolveOptions({}, { SESSION_SECRET: 'sixteen letters, or more' })).toThrow(
    /^option SESSION_SECRET: expected one or several texts of at least 16 characters, got one of 15 as number 1 of 2$/,
  )
})

describe('a wrong option', () => {
  const wrong: [SessionOptions, string][] = [
    [{ cookiename: 'x' } as never, 'cookiename'],
    [{ ttl: 1 } as never, 'ttl'],
    [{ constructor: 1 } as never, 'constructor'],
    [{ provider: '' }, 'provider'],
    [{ provider: {} as never }, 'provider'],
    [{ provider: 7 as never }, 'provider'],
    [{ providerConfig: 7 as never }, 'providerConfig'],
    [{ cookieName: '' }, 'cookieName'],
    [{ cookiePath: 'x' }, 'cookiePath'],
    [{ gcLifetime: 0 }, 'gcLifetime'],
    [{ gcLifetime: 3e9 }, 'gcLifetime'],
    [{ maxLifetime: -1 }, 'maxLifetime'],
    [{ maxLifetime: 1.5 }, 'maxLifetime'],
    [{ maxLifetime: '60' as never }, 'maxLifetime'],
    [{ maxLifetime: Number.NaN }, 'maxLifetime'],
    [{ cookieLifeTime: -1 }, 'cookieLifeTime'],
    [{ absoluteLifetime: -1 }, 'absoluteLifetime'],
    [{ idLength: 10 }, 'idLength'],
    [{ idLength: 44 }, 'idLength'],
    [{ secure: 'yes' as never }, 'secure'],
    [{ sameSite: 'Lax' as never }, 'sameSite'],
    [{ partitioned: 1 as never }, 'partitioned'],
    [{ cookiePrefix: '__Fast-' as never }, 'cookiePrefix'],
    [{ secret: 'short' }, 'secret'],
    [{ secret: [] }, 'secret'],
    [{ lazy: 'no' as never }, 'lazy'],
    [{ storeTimeout: 0 }, 'storeTimeout'],
    [{ storeTimeout: Number.POSITIVE_INFINITY }, 'storeTimeout'],
    [{ onOutage: 'ignore' as never }, 'onOutage'],
    [{ trustProxy: ['10.0.0.0/33'] }, 'trustProxy'],
    [{ trustProxy: ['proxy'] }, 'trustProxy'],
    [{ trustProxy: 1 as never }, 'trustProxy'],
    [{ codec: {} as never }, 'codec'],
    [{ clock: 5 as never }, 'clock'],
    [{ configFile: '' }, 'configFile'],
    [{ section: '' }, 'section'],
  ]
  it.each(wrong)('%j is an error at start that names it', (options, option) => {
    expect(() => sessioner(options)).toThrow(
      expect.objectContaining({ name: 'OptionError', code: 'SESS_OPTION', option }),
    )
    expect(() => sessioner(options)).toThrow(TypeError)
    expect(() => sessioner(options)).toThrow(/^option \w+: expected .+, got .+/)
  })

  it('that is inherited is an error, not passed over', () => {
    class Own {
      readonly maxLifetime = 60
    }
    class Inherited extends Own {
      get secure(): boolean {
        return true
      }
    }
    expect(() => resolveOptions(new Inherited(), {})).toThrow(
      'option secure: expected a property of the options themselves, got an inherited one',
    )
    expect(resolveOptions(new Own(), {}).maxLifetime).toBe(60)
  })

  it.each([null, 'redis', 7, []])('options that are %j are none', (options) => {
    expect(() => sessioner(options as never)).toThrow(
      expect.objectContaining({ code: 'SESS_OPTION', option: 'options' }),
    )
  })

  it.each([
    ['cookiename', 'cookieName'],
    ['max_lifetime', 'maxLifetime'],
    ['store', 'provider'],
    ['maxAge', 'maxLifetime and cookieLifeTime, in seconds'],
    ['resave', 'none: what changed is saved'],
  ])('that is called %s is an error that says what it is here', (name, expected) => {
    expect(() => sessioner({ [name]: 1 })).toThrow(
      `option ${name}: expected ${expected}, got the unknown name "${name}"`,
    )
  })

  it('whose name is no name is shown on one line', () => {
    expect(() => sessioner({ 'a\nb': 1 } as never)).toThrow(
      /^option "a\\nb": expected .* got the unknown name "a\\nb"$/,
    )
  })

  it('a provider in their place, or the function that makes one in its place, is an error that says so', () => {
    expect(() => sessioner(memory() as never)).toThrow(
      'option options: expected an object, as in sessioner({ provider }), got an object (RecordProvider)',
    )
    expect(() => sessioner({ provider: memory as never })).toThrow(
      'option provider: expected what the function gives: call it, got a function',
    )
  })

  it('never shows a secret', () => {
    expect(() => sessioner({ secret: 'hunter2' })).toThrow(expect.not.stringContaining('hunter2'))
  })

  const contradictions: [SessionOptions, RegExp][] = [
    [{ sameSite: 'none' }, /option secure: expected true, since sameSite is 'none', got "auto"/],
    [{ sameSite: 'none', secure: false }, /option secure: expected true/],
    [{ partitioned: true, secure: false }, /option secure: expected true, since partitioned is true, got false/],
    [{ cookiePrefix: '__Host-' }, /option secure: expected true, since cookiePrefix is '__Host-'/],
    [{ cookiePrefix: '__Secure-', secure: false }, /option secure/],
    [
      { cookiePrefix: '__Host-', secure: true, domain: 'example.org' },
      /option domain: expected none, since cookiePrefix is '__Host-'/,
    ],
    [
      { cookiePrefix: '__Host-', secure: true, cookiePath: '/app' },
      /option cookiePath: expected '\/', since cookiePrefix is '__Host-'/,
    ],
    [{ cookieName: '__Host-x' }, /option secure: expected true, since cookieName begins with '__Host-', got "auto"/],
    [{ cookieName: '__Secure-x', secure: false }, /option secure: expected true, since cookieName begins with/],
    [
      { cookieName: '__Host-x', secure: true, domain: 'example.org' },
      /option domain: expected none, since cookieName begins with '__Host-'/,
    ],
    [
      { cookieName: '__host-x', secure: true, cookiePath: '/app' }, // browsers know it by any case
      /option cookiePath: expected '\/', since cookieName begins with '__Host-'/,
    ],
  ]
  it.each(contradictions)('%j contradicts itself: an error at start', (options, message) => {
    expect(() => sessioner(options)).toThrow(message)
  })

  const configs: [SessionOptions, RegExp][] = [
    [{ provider: 'memory', providerConfig: 'max=ten' }, /option max: expected a whole number from 1 up, got "ten"/],
    [
      { provider: 'memory', providerConfig: 'size=1' },
      /option providerConfig: expected one of max for memory, got "size"/,
    ],
    [{ provider: 'memory', providerConfig: 'max' }, /expected key=value parts for memory/],
    [{ provider: 'memory', providerConfig: 'max=1,max=2' }, /expected each key once for memory, got "max" twice/],
    [{ provider: 'memory', providerConfig: { max: 0 } }, /option max: expected a whole number from 1 up, got 0/],
    [{ provider: 'file', providerConfig: 'a\0b' }, /expected the path of a directory for file/],
    [{ provider: 'file', providerConfig: { dir: 'x' } }, /expected one of path for file, got "dir"/],
  ]
  it.each(configs)('%j: a wrong config is an error at start', (options, message) => {
    expect(() => sessioner(options)).toThrow(
      expect.objectContaining({ code: 'SESS_OPTION', message: expect.stringMatching(message) as string }),
    )
  })

  it('an unknown provider is an error that lists the known ones and the import that may be missing', () => {
    const list =
      /^option provider: expected one of file, memory.*, got "redis"\. Is `import '@sess\/provider-redis'` missing\?$/
    expect(() => createManager({ provider: 'redis' })).toThrow(
      expect.objectContaining({ code: 'SESS_PROVIDER_UNKNOWN', message: expect.stringMatching(list) as string }),
    )
    expect(() => createManager({ provider: 'memroy' })).toThrow(/got "memroy"\.$/)
  })

  it.each(['redis://user:hunter2@127.0.0.1', 'addr=127.0.0.1,password=hunter2'])(
    'a config string in the place of the name is not shown: %s',
    (provider) => {
      const failure = (() => {
        try {
          return createManager({ provider })
        } catch (error) {
          return error as Error
        }
      })()
      expect(failure).toMatchObject({ code: 'SESS_PROVIDER_UNKNOWN' })
      expect(inspect(failure)).not.toContain('hunter2')
    },
  )
})

describe('OPTION_NAMES', () => {
  it('are those of the documentation and ours', () => {
    expect([...OPTION_NAMES].sort()).toEqual(
      (
        'absoluteLifetime clock codec configFile cookieLifeTime cookieName cookiePath cookiePrefix domain encryptionKey expressCookie gcLifetime idLength lazy ' +
        'maxLifetime onOutage partitioned profile provider providerConfig renewEvery renewGrace sameSite secret section secure storeTimeout trustProxy'
      ).split(' '),
    )
  })
})

describe('a codec of the application', () => {
  it('is used for every value, and held to JSON on one line', async () => {
    const { begin } = await import('../../../tools/testing/begin.js')
    const codec = {
      encode: (value: unknown) => JSON.stringify({ v: value }),
      decode: (text: string) => (JSON.parse(text) as { v: unknown }).v,
    }
    const manager = createManager({ codec })
    const cookie = await begin(manager, { a: [1] })
    expect((await manager.read({ headers: { cookie } })).get('a')).toEqual([1])
    const pretty = createManager({ codec: { ...codec, encode: (value) => JSON.stringify(value, null, 2) } })
    await expect(begin(pretty, { a: { b: 1 } })).rejects.toMatchObject({
      code: 'SESS_VALUE',
      message: /^option codec: expected encode/ as never,
    })
  })
})
