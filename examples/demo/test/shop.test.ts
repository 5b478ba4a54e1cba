import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openShop, type ProviderName, type Shop } from './shop.js'
import { Visitor } from './visitor.js'

const ada = { name: 'Ada', password: 'lovelace1' }

describe.each<ProviderName>(['memory', 'file'])('the shop, on %s', (provider) => {
  let shop: Shop
  beforeAll(async () => {
    shop = await openShop(provider)
    await new Visitor(shop.url).post('/signup', ada)
  })
  afterAll(() => shop[Symbol.asyncDispose]())

  const newVisitor = (): Visitor => new Visitor(shop.url)

  it('gives a visitor who only looks no cookie and no record', async () => {
    const before = await shop.sessions.manager.count()
    const visitor = newVisitor()
    for (const path of ['/', '/cart', '/login', '/signup', '/flash', '/slow', '/session', '/ended']) {
      expect({ path, ...(await visitor.get(path)) }).toMatchObject({ path, status: 200 })
    }
    expect(visitor.setCookie).toBeUndefined()
    expect(await shop.sessions.manager.count()).toBe(before)
  })

  it('keeps the cart through log-in, under another id', async () => {
    const visitor = newVisitor()
    await visitor.post('/cart/add', { product: 'chip' })
    const before = visitor.cookie
    const page = await visitor.post('/login', ada)
    expect(page).toMatchObject({ user: 'Ada', inCart: 1, messages: ['success: Welcome back, Ada'] })
    expect(visitor.cookie).not.toBe(before)
    const thief = Object.assign(newVisitor(), { cookie: before })
    expect(await thief.get('/')).toMatchObject({ user: undefined, inCart: 0 })
  })

  it('remembers a browser that asks for it, until it logs out', async () => {
    const visitor = newVisitor()
    await visitor.post('/login', ada)
    expect(visitor.setCookie).not.toContain('Max-Age')
    expect((await visitor.get('/session')).html).toContain('after 1 hour without')
    await visitor.post('/logout')
    await visitor.post('/login', { ...ada, remember: 'yes' })
    expect(visitor.setCookie).toContain('Max-Age=2592000')
    expect(await visitor.get('/session')).toMatchObject({
      user: 'Ada',
      html: expect.stringContaining('after 30 days without'),
    })
    await visitor.post('/logout')
    await visitor.post('/cart/add', { product: 'chip' })
    expect(visitor.setCookie).not.toContain('Max-Age')
  })

  it('signs up, and logs in by that', async () => {
    const page = await newVisitor().post('/signup', { name: 'Grace', password: 'hopper-1906' })
    expect(page).toMatchObject({ user: 'Grace', messages: ['success: Welcome, Grace'] })
  })

  it.each([
    ['/login', { ...ada, password: 'wrong' }, 'error: Name or password is wrong.'],
    ['/login', { name: 'nobody', password: 'wrong' }, 'error: Name or password is wrong.'],
    ['/signup', { name: 'ADA', password: 'lovelace1' }, 'error: This name is taken.'],
    ['/signup', { name: 'Bob', password: 'short' }, 'error: A password has 8 to 200 characters.'],
    [
      '/signup',
      { name: '<b>', password: 'lovelace1' },
      'error: A name has 2 to 32 letters, digits, spaces, dots or dashes.',
    ],
  ])('refuses at %s %o, and begins no session', async (path, form, message) => {
    const visitor = newVisitor()
    expect(await visitor.post(path, form)).toMatchObject({ status: 422, user: undefined, messages: [message] })
    expect(visitor.setCookie).toBeUndefined()
  })

  it('escapes what it shows', async () => {
    const { html } = await newVisitor().post('/login', { name: '"><script>alert(1)</script>', password: 'x' })
    expect(html).not.toContain('<script')
    expect(html).toContain('&lt;script&gt;')
  })

  it('counts every one of 20 products that are added at once', async () => {
    const visitor = newVisitor()
    await visitor.post('/cart/add', { product: 'oat' })
    const meeting = shop.gates.meet('POST /cart/add', 20)
    await Promise.all(Array.from({ length: 20 }, () => visitor.submit('/cart/add', { product: 'chip' })))
    await meeting
    expect((await visitor.get('/cart')).inCart).toBe(21)
    expect((await visitor.post('/cart/remove', { product: 'oat' })).inCart).toBe(20)
    expect((await visitor.post('/cart/remove', { product: 'chip' })).inCart).toBe(0)
  })

  it('puts nothing into the cart that is not in the shop', async () => {
    const page = await newVisitor().post('/cart/add', { product: '__proto__' })
    expect(page).toMatchObject({ inCart: 0, messages: ['error: There is no such cookie'] })
  })

  it('goes back to a page of its own only', async () => {
    const add = (back: string): Promise<string | null> =>
      newVisitor()
        .submit('/cart/add', { product: 'chip', back })
        .then(({ headers }) => headers.get('location'))
    expect(await add('/session')).toBe('/session')
    for (const evil of ['//evil.example', '/\\evil.example', 'https://evil.example/', '/\t/evil.example', 'cart', '']) {
      expect([evil, await add(evil)]).toEqual([evil, '/'])
    }
  })

  it.each(['success', 'error', 'info', 'warning'])('says %s once, now or next', async (kind) => {
    const visitor = newVisitor()
    const now = await visitor.post('/flash', { kind, when: 'now' })
    expect(now.messages).toEqual([expect.stringMatching(`^${kind}: .*in this response`)])
    expect(visitor.setCookie).toBeUndefined() // never stored
    expect((await visitor.submit('/flash', { kind, when: 'next' })).messages).toEqual([])
    expect((await visitor.get('/flash')).messages).toEqual([expect.stringMatching(`^${kind}: .*next response`)])
    expect((await visitor.get('/flash')).messages).toEqual([])
  })

  it('shows what the session holds', async () => {
    const visitor = newVisitor()
    expect((await visitor.get('/session')).html).toContain('id="no-session"')
    await visitor.post('/cart/add', { product: 'lemon' })
    await visitor.post('/login', ada)
    const { html } = await visitor.get('/session')
    expect(html).toContain('{ lemon: 1 }')
    expect(html).toContain('name: &#39;Ada&#39;')
    expect(html).toContain(`<code id="provider">${provider}</code>`)
    expect(html).toContain(`id="count">${await shop.sessions.manager.count()}<`)
    expect(html).not.toContain(visitor.cookie?.split('=')[1])
  })

  it('logs out, and says so', async () => {
    const visitor = newVisitor()
    await visitor.post('/login', ada)
    const before = visitor.cookie
    expect(await visitor.post('/logout')).toMatchObject({ user: undefined, messages: ['info: You are logged out'] })
    expect(visitor.cookie).not.toBe(before)
    expect((await Object.assign(newVisitor(), { cookie: before }).get('/')).user).toBeUndefined()
    expect((await visitor.get('/')).messages).toEqual([])
  })

  it('stays logged out when a slow request ends later', async () => {
    const visitor = newVisitor()
    await visitor.post('/login', ada)
    const before = visitor.cookie
    const arrived = shop.gates.meet('POST /slow', 1)
    const slow = visitor.submit('/slow')
    await arrived
    const other = Object.assign(newVisitor(), { cookie: before })
    await other.post('/logout')
    expect((await slow).headers.get('location')).toBe('/ended')
    expect((await Object.assign(newVisitor(), { cookie: before }).get('/')).user).toBeUndefined()
  })
})
