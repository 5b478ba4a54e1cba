import { describe, expect, it } from 'vitest'
import { Visitor } from '../test/support/visitor.js'
import { sessioner } from './adapters/fetch.js'
import type { Provider, RawStore } from './index.js'

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms))

/** The contract alone, as its shortest reading has it: whole sessions in a store that is some milliseconds away. */
class Distant implements Provider {
  readonly sessions = new Map<string, Map<string, unknown>>()
  readonly #listsKeys: boolean
  /** How many more commands are never answered. */
  hanging = 0

  constructor(listsKeys = false) {
    this.#listsKeys = listsKeys
  }

  async init(): Promise<void> {}

  async read(id: string): Promise<RawStore> {
    await this.#travel()
    if (!this.sessions.has(id)) this.sessions.set(id, new Map())
    const data = new Map(this.sessions.get(id))
    await this.#travel()
    const release = async (): Promise<void> => {
      await this.#travel()
      this.sessions.set(id, new Map(data))
    }
    return {
      id,
      get: (key) => data.get(key),
      set: (key, value) => void data.set(key, value),
      delete: (key) => void data.delete(key),
      flush: () => data.clear(),
      release,
      ...(this.#listsKeys && { keys: () => data.keys() }),
    }
  }

  async exist(id: string): Promise<boolean> {
    await this.#travel()
    const exists = this.sessions.has(id)
    await this.#travel()
    return exists
  }

  async destroy(id: string): Promise<void> {
    await this.#travel()
    this.sessions.delete(id)
  }

  async regenerate(oldId: string, id: string): Promise<RawStore> {
    await this.#travel()
    const old = this.sessions.get(oldId)
    this.sessions.delete(oldId)
    if (old) this.sessions.set(id, old)
    return this.read(id)
  }

  async count(): Promise<number> {
    return this.sessions.size
  }

  async gc(): Promise<void> {}

  #travel(): Promise<void> {
    return this.hanging-- > 0 ? new Promise(() => undefined) : pause(2)
  }
}

async function begun(): Promise<{ provider: Distant; visitor: Visitor; id: string }> {
  const provider = new Distant()
  const visitor = new Visitor(sessioner({ provider }))
  const id = await visitor.visit((session) => {
    session.set('user', 1)
    return session.id
  })
  return { provider, visitor, id }
}

describe('a provider of the contract alone', () => {
  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8])(
    'does not bring a session back that ends %i ms after a request for it came',
    async (wait) => {
      const { provider, visitor, id } = await begun()
      const ending = await visitor.twin.open()
      const late = visitor.twin.visit((session) => session.set('cart', 1))
      await pause(wait)
      await ending.session.destroy()
      await late
      expect(provider.sessions.has(id)).toBe(false)
    },
  )

  it('whose init gives no promise, as one in JavaScript may, is opened and closed', async () => {
    const provider = Object.assign(new Distant(), { init: () => undefined as never, closed: 0 })
    const handle = sessioner({ provider: Object.assign(provider, { close: async () => void provider.closed++ }) })
    await handle.manager.ready()
    await handle.manager.close()
    expect(provider.closed).toBe(1)
  })

  it('that did not answer one request answers the next of the same session', async () => {
    const provider = new Distant()
    const visitor = new Visitor(sessioner({ provider, storeTimeout: 0.05 }))
    await visitor.visit((session) => session.set('user', 1))
    provider.hanging = 1
    await expect(visitor.open()).rejects.toMatchObject({ code: 'SESS_TIMEOUT' })
    expect(await visitor.visit((session) => session.get('user'))).toBe(1)
  })

  it.each([true, false])('keeps a key whose value is undefined (lists its keys: %s)', async (listsKeys) => {
    const visitor = new Visitor(sessioner({ provider: new Distant(listsKeys) }))
    await visitor.visit((session) => session.set('nothing', undefined))
    await visitor.visit((session) => {
      expect([session.has('nothing'), session.get('nothing'), session.keys()]).toEqual([true, undefined, ['nothing']])
      expect(session.has('more')).toBe(false)
      session.delete('nothing')
      expect(session.has('nothing')).toBe(false)
    })
    expect(await visitor.visit((session) => [session.has('nothing'), session.keys()])).toEqual([false, []])
  })
})

it.each([7, 'text', [7], null])(
  'a list of keys that somebody damaged to %j is an error that names it',
  async (keys) => {
    const { provider, visitor, id } = await begun()
    provider.sessions.get(id)!.set('@keys', keys)
    await expect(visitor.visit((session) => session.keys())).rejects.toMatchObject({
      code: 'SESS_CORRUPT',
      message: expect.stringMatching(`^session ${id}, "@keys": expected a list of keys, got `) as string,
    })
  },
)
