import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { openShop, type Shop } from './shop.js'
import { Visitor } from './visitor.js'

describe('the app', () => {
  let shop: Shop
  beforeAll(async () => {
    shop = await openShop('memory')
  })
  afterAll(() => shop[Symbol.asyncDispose]())

  it.each([
    ['a page of another site', { 'sec-fetch-site': 'cross-site' }, 403],
    ['a page of a sibling domain', { 'sec-fetch-site': 'same-site' }, 403],
    ['another origin, in an older browser', { origin: 'https://evil.example' }, 403],
    ['a sandboxed frame', { origin: 'null' }, 403],
    ['its own page', { 'sec-fetch-site': 'same-origin' }, 303],
    ['a client that is no browser', {}, 303],
  ])('answers a form sent by %s', async (_who, headers: Record<string, string>, status) => {
    const visitor = new Visitor(shop.url)
    expect((await visitor.submit('/cart/add', { product: 'chip' }, headers)).status).toBe(status)
    expect(visitor.cookie === undefined).toBe(status === 403)
  })

  it('takes a form from its own origin in a browser without Sec-Fetch-Site', async () => {
    const { status } = await new Visitor(shop.url).submit('/cart/add', { product: 'chip' }, { origin: shop.url })
    expect(status).toBe(303)
  })

  it('loads nothing from elsewhere, and runs no script', async () => {
    const { html, headers } = await new Visitor(shop.url).get('/')
    expect(html).not.toMatch(/<script|(src|href)="(https?:)?\/\//)
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'/)
  })

  it('keeps pages out of caches', async () => {
    expect((await new Visitor(shop.url).get('/')).headers.get('cache-control')).toBe('no-store')
  })

  it('has a page for what is not there', async () => {
    expect(await new Visitor(shop.url).get('/nope')).toMatchObject({
      status: 404,
      html: expect.stringContaining('Not here'),
    })
  })

  it('answers a form that is too long, and one with a field twice', async () => {
    const visitor = new Visitor(shop.url)
    expect((await visitor.submit('/login', { name: 'x'.repeat(10_000) })).status).toBe(413)
    const twice = await fetch(`${shop.url}/login`, {
      method: 'POST',
      body: new URLSearchParams('name=a&name=b&password=c'),
    })
    expect(twice.status).toBe(422)
    expect((await fetch(`${shop.url}/login`, { method: 'POST' })).status).toBe(422)
  })

  it('says that the store is away, not that the visitor is logged out', async () => {
    const visitor = new Visitor(shop.url)
    await visitor.post('/signup', { name: 'Ada', password: 'lovelace1' })
    const log = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const away = vi.spyOn(shop.sessions.manager.provider, 'find').mockRejectedValue(new Error('connection refused'))
    const page = await visitor.get('/')
    expect(page).toMatchObject({ status: 503, html: expect.stringContaining('Closed for a moment') })
    expect(page.html).not.toMatch(/connection refused|Log in/)
    expect(log).toHaveBeenCalledOnce()
    away.mockRestore()
    log.mockRestore()
    expect((await visitor.get('/')).user).toBe('Ada')
  })
})
