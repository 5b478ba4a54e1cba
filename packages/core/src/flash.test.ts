import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { App } from '../test/support/server.js'
import type { Browser } from '../test/support/server.js'
import { Spy } from '../test/support/spy-provider.js'
import { Visitor } from '../test/support/visitor.js'
import { sessioner } from './adapters/fetch.js'

let app: App
let spy: Spy
let browser: Browser

beforeEach(async () => {
  spy = new Spy()
  app = await App.start({ provider: spy.provider }, async (req, res) => {
    const { flash } = req
    const url = new URL(req.url!, 'http://x')
    const current = url.searchParams.has('current')
    const text = url.searchParams.get('text') ?? 'text'
    if (url.pathname === '/signup') {
      flash.success('yes!!!', current)
      flash.error('opps...', current)
      flash.info('aha?!', current)
      flash.warning('Just be careful.', current)
    }
    if (url.pathname === '/now') flash.now('error', text)
    if (url.pathname === '/take') return res.end(JSON.stringify(await flash.take()))
    if (url.pathname === '/add') flash.info(text)
    if (url.pathname === '/silent' || url.pathname === '/add') return res.end()
    if (url.pathname === '/success') return res.end(`${flash.SuccessMsg}|${flash.SuccessMsg}`)
    if (url.pathname === '/keep-first') flash.keep()
    const shown = [flash.SuccessMsg, flash.ErrorMsg, flash.InfoMsg, flash.WarningMsg]
    if (url.pathname === '/keep') flash.keep()
    res.end(JSON.stringify(shown))
  })
  browser = app.browser()
})
afterEach(() => app.close())

const show = async (path = '/'): Promise<string[]> => JSON.parse((await browser.get(path)).body) as string[]
const NONE = ['', '', '', '']
const ALL = ['yes!!!', 'opps...', 'aha?!', 'Just be careful.']

describe('Flash', () => {
  it('is for the next response, and used once', async () => {
    expect(await show('/signup')).toEqual(NONE)
    expect(await show()).toEqual(ALL)
    expect(await show()).toEqual(NONE)
  })

  it('with current is for this response only, stores nothing and needs no session', async () => {
    expect(await show('/signup?current')).toEqual(ALL)
    expect(spy.take()).toEqual([])
    expect(browser.jar.size).toBe(0)
    expect(await show('/now?text=hot')).toEqual(['', 'hot', '', ''])
    expect(await show()).toEqual(NONE)
  })

  it('waits for a response that reads it, kind by kind', async () => {
    await show('/signup')
    await browser.get('/silent')
    expect((await browser.get('/success')).body).toBe('yes!!!|yes!!!')
    expect(await show()).toEqual(['', ...ALL.slice(1)])
  })

  it('keep leaves what was shown for the next response as well', async () => {
    await show('/signup')
    expect(await show('/keep')).toEqual(ALL)
    expect(await show()).toEqual(ALL)
    expect(await show()).toEqual(NONE)
  })

  it('keep also leaves what is read after it, by a view', async () => {
    await show('/signup')
    spy.take()
    expect(await show('/keep-first')).toEqual(ALL)
    expect(spy.take()).toEqual(['load'])
    expect(await show()).toEqual(ALL)
    expect(await show('/keep-first')).toEqual(NONE)
  })

  it('keeps several messages of a kind, in order, with any text', async () => {
    const texts = ['one', '<b>two</b>', 'drei ü 👍']
    for (const text of texts) await browser.get(`/add?text=${encodeURIComponent(text)}`)
    expect((await show())[2]).toBe(texts.join('\n'))
  })

  it('that is empty creates nothing when it is read', async () => {
    await show()
    await show('/take')
    expect(spy.take()).toEqual([])
    expect(browser.jar.size).toBe(0)
  })

  it('parallel requests each add theirs: none is lost', async () => {
    await browser.get('/add?text=first')
    spy.delay = () => Math.random() * 5
    const texts = Array.from({ length: 20 }, (_, n) => `m${n}`)
    await Promise.all(texts.map((text) => app.request(`/add?text=${text}`, browser.cookie)))
    expect((await show())[2]!.split('\n').sort()).toEqual(['first', ...texts].sort())
  })

  it('take gives each message to exactly one of many parallel requests, 100 rounds', async () => {
    spy.delay = () => Math.random() * 2
    let wrong = 0
    for (let round = 0; round < 100; round++) {
      const own = app.browser()
      await own.get('/signup')
      const answers = await Promise.all(Array.from({ length: 8 }, () => app.request('/take', own.cookie)))
      const taken = answers.flatMap((answer) => JSON.parse(answer.body) as { text: string }[]).map(({ text }) => text)
      if (JSON.stringify(taken) !== JSON.stringify(ALL)) wrong++
    }
    console.log(`flash taken by 8 parallel requests: ${wrong} of 100 rounds wrong`)
    expect(wrong).toBe(0)
  })

  it('is not lost with an update that failed, and is there once where the answer of a save was lost', async () => {
    const visitor = new Visitor(sessioner({ provider: spy.provider }))
    await visitor.visit((session) => session.set('n', 1))
    await visitor.visit(async (session) => {
      session.flash.info('hello')
      spy.fail = (command) => (command === 'save' ? new Error('down') : undefined)
      await session.update('n', () => 2).catch(() => undefined)
      spy.fail = () => undefined
      const { provider } = visitor.app.manager
      const { commit } = provider as unknown as { commit: (...args: unknown[]) => Promise<unknown> }
      const late = async (...args: unknown[]): Promise<never> => {
        await commit.apply(provider, args)
        throw new Error('its answer was lost')
      }
      Object.assign(provider, { commit: late })
      await session.save().catch(() => undefined)
      Object.assign(provider, { commit })
    })
    expect(await visitor.visit((session) => session.flash.messages)).toEqual([{ kind: 'info', text: 'hello' }])
  })

  it('take is waited for by the response, with what the request changed before it', async () => {
    const visitor = new Visitor(sessioner({ provider: spy.provider }))
    await visitor.visit((session) => session.flash.info('hello'))
    spy.delay = (command) => (command === 'save' ? 30 : 0)
    await visitor.visit(async (session) => {
      session.set('n', 1)
      void session.flash.take()
      await new Promise((done) => setTimeout(done, 10)) // it saves by now
    })
    expect(await visitor.visit((session) => [session.get('n'), session.flash.messages])).toEqual([1, []])
  })

  it('refuses a kind or text that is none', async () => {
    const { Flash } = await import('./flash.js')
    const flash = new Flash(undefined as never)
    expect(() => flash.now('fatal' as never, 'x')).toThrow(
      expect.objectContaining({ code: 'SESS_OPTION', option: 'kind' }),
    )
    expect(() => flash.success(7 as never)).toThrow(expect.objectContaining({ code: 'SESS_OPTION', option: 'text' }))
  })
})
