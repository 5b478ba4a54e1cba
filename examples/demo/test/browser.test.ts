import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { findChromium } from './chromium.js'
import { openShop, type ProviderName, type Shop } from './shop.js'

const executablePath = findChromium()
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

const idOf = async (page: Page): Promise<string> => {
  await page.goto('/session')
  return page.locator('#session-id').innerText()
}
const messagesOf = (page: Page): Promise<string[]> => page.locator('.message').allInnerTexts()
const press = (page: Page, name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click()

describe.skipIf(executablePath === undefined).each<ProviderName>(['memory', 'file'])(
  'in a browser, on %s',
  (provider) => {
    let browser: Browser
    let shop: Shop
    let context: BrowserContext
    let one: Page
    let two: Page

    beforeAll(async () => {
      browser = await chromium.launch({ ...(executablePath && { executablePath }), args })
    }, 60_000)
    afterAll(() => browser?.close())

    beforeEach(async () => {
      shop = await openShop(provider)
      context = await browser.newContext({ baseURL: shop.url })
      one = await context.newPage()
      two = await context.newPage()
    })
    afterEach(async () => {
      await context.close()
      await shop[Symbol.asyncDispose]()
    })

    async function fillIn(page: Page, path: string): Promise<void> {
      await page.goto(path)
      await page.getByLabel('Name').fill('Ada')
      await page.getByLabel('Password').fill('lovelace1')
      await page.locator('#submit').click()
      await page.locator('#user').waitFor()
    }
    const signUp = (page: Page): Promise<void> => fillIn(page, '/signup')
    const logIn = (page: Page): Promise<void> => fillIn(page, '/login')

    it('logs in under another id, and brings the cart along', async () => {
      await signUp(one)
      await press(one, 'Log out')
      await one.goto('/')
      await press(one, 'Add Matcha to the cart')
      const before = await idOf(one)
      await logIn(one)
      expect(await one.locator('#user').innerText()).toBe('Ada')
      expect(await one.locator('#in-cart').innerText()).toBe('1')
      expect(await messagesOf(one)).toEqual(['Success Welcome back, Ada'])
      expect(await idOf(one)).not.toBe(before)
      expect(await shop.sessions.manager.provider.exist(before)).toBe(false)
    })

    it('loses nothing that two tabs add to the cart at once', async () => {
      await one.goto('/')
      await press(one, 'Add Lemon zest to the cart')
      await one.locator('.message').waitFor()
      for (let round = 1; round <= 5; round += 1) {
        await Promise.all([one.goto('/'), two.goto('/')])
        const together = shop.gates.meet('POST /cart/add', 2)
        await Promise.all([
          press(one, 'Add Chocolate chip to the cart'),
          press(two, 'Add Chocolate chip to the cart'),
          together,
        ])
        await Promise.all([one.waitForLoadState(), two.waitForLoadState()])
      }
      await two.goto('/cart')
      expect(await two.locator('[data-product=chip] .count').innerText()).toBe('10')
      expect(await two.locator('#in-cart').innerText()).toBe('11')
    })

    it('shows a message in one of two tabs that load at once', async () => {
      for (let round = 1; round <= 5; round += 1) {
        await context.request.post('/flash', { form: { kind: 'info', when: 'next' }, maxRedirects: 0 })
        const together = shop.gates.meet('GET /flash', 2)
        // Another address of the same page: the browser would not ask for the same one twice at once.
        await Promise.all([one.goto('/flash'), two.goto('/flash?two'), together])
        expect([...(await messagesOf(one)), ...(await messagesOf(two))]).toHaveLength(1)
        await Promise.all([one.reload(), two.reload()])
        expect([...(await messagesOf(one)), ...(await messagesOf(two))]).toEqual([])
      }
    })

    it('stays logged out when a slow request of another tab ends after the log-out', async () => {
      await signUp(one)
      const id = await idOf(one)
      await two.goto('/slow')
      const arrived = shop.gates.meet('POST /slow', 1)
      const slow = press(two, 'Start the slow request')
      await arrived
      await press(one, 'Log out')
      expect(await messagesOf(one)).toEqual(['Info You are logged out'])
      await slow
      await two.waitForURL('**/ended')
      for (const page of [one, two]) {
        await page.reload()
        expect(await page.locator('#user').count()).toBe(0)
        expect(await page.getByRole('link', { name: 'Log in' }).count()).toBe(1)
        expect(await messagesOf(page)).toEqual([])
      }
      await two.goto('/slow')
      expect(await two.locator('#runs').innerText()).toBe('0')
      expect(await shop.sessions.manager.provider.exist(id)).toBe(false)
      expect(await shop.sessions.manager.count()).toBe(1) // the new one that brought the message
    })

    if (provider === 'memory') pages()

    /** What is the same on any store. */
    function pages(): void {
      it('lists where the user is logged in, ends one session, and all others', async () => {
        await signUp(one)
        const phone = await browser.newContext({
          baseURL: shop.url,
          userAgent: 'Mozilla/5.0 (Android 14) Firefox/140.0',
        })
        const tablet = await browser.newContext({ baseURL: shop.url, userAgent: 'Mozilla/5.0 (iPad) Safari/605.1' })
        const [there, elsewhere] = [await phone.newPage(), await tablet.newPage()]
        await logIn(there)
        await logIn(elsewhere)
        await one.goto('/devices')
        const devices = one.locator('.device')
        expect(await devices.count()).toBe(3)
        expect(await devices.filter({ hasText: 'this one' }).count()).toBe(1)

        await devices.filter({ hasText: 'Firefox on Android' }).getByRole('button', { name: 'End' }).click()
        expect(await messagesOf(one)).toEqual([expect.stringContaining('That session was ended')])
        expect(await devices.count()).toBe(2)
        await there.goto('/')
        expect(await there.locator('#user').count()).toBe(0)
        await elsewhere.goto('/')
        expect(await elsewhere.locator('#user').count()).toBe(1)

        await press(one, 'End all others')
        expect(await messagesOf(one)).toEqual([expect.stringContaining('Other sessions ended: 1')])
        expect(await devices.count()).toBe(1)
        await elsewhere.goto('/devices')
        expect(elsewhere.url()).toContain('/login')
        await one.goto('/')
        expect(await one.locator('#user').count()).toBe(1)
        await phone.close()
        await tablet.close()
      })

      it('holds one cookie, HttpOnly and SameSite=Lax, and none before it is needed', async () => {
        await one.goto('/')
        expect(await context.cookies()).toEqual([])
        await press(one, 'Add Matcha to the cart')
        await one.locator('.message').waitFor()
        expect(await context.cookies()).toEqual([
          expect.objectContaining({
            name: 'MacaronSession',
            httpOnly: true,
            sameSite: 'Lax',
            secure: false,
            path: '/',
            expires: -1,
          }),
        ])
        expect(await one.evaluate(() => document.cookie)).toBe('')
      })

      it('shows a message for the next response behind the redirect, and never again', async () => {
        for (const kind of ['Success', 'Error', 'Info', 'Warning']) {
          await one.goto('/flash')
          await press(one, `${kind}, next`)
          expect(await messagesOf(one)).toEqual([expect.stringMatching(`^${kind} .*next response`)])
          await one.reload()
          expect(await messagesOf(one)).toEqual([])
        }
      })

      it('shows a message for now in that very response only', async () => {
        for (const kind of ['Success', 'Error', 'Info', 'Warning']) {
          await one.goto('/flash')
          await press(one, `${kind}, now`)
          expect(await messagesOf(one)).toEqual([expect.stringMatching(`^${kind} .*this response`)])
          await Promise.all([one.goto('/flash'), two.goto('/flash')])
          expect([await messagesOf(one), await messagesOf(two)]).toEqual([[], []])
        }
        expect(await shop.sessions.manager.count()).toBe(0)
      })
    }
  },
)
