import { AsyncLocalStorage } from 'node:async_hooks'
import http from 'node:http'
import net from 'node:net'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { defineProvider, sessioner } from '../../src/index.js'
import { MemoryStorage } from '../../src/providers/memory.js'
import { App } from '../support/server.js'

afterEach(() => {
  vi.useRealTimers()
})

describe('requests that come at once', () => {
  it('each keep the context that was theirs, and their session', async () => {
    const context = new AsyncLocalStorage<string>()
    const finished: [string, string | undefined][] = []
    const sessions = sessioner()
    const server = http.createServer((req, res) => {
      res.on('finish', () => finished.push([req.url!, context.getStore()]))
      const handle = (): void => {
        if (req.session.isNew) req.session.set('path', req.url)
        res.end(`${String(req.session.get('path'))} in ${context.getStore()}`)
      }
      context.run(req.url!, () => sessions(req, res, handle))
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const { port } = server.address() as AddressInfo
    const paths = Array.from({ length: 50 }, (_, i) => `/${i}`)
    const visit = (path: string, cookie = ''): Promise<Response> =>
      fetch(`http://127.0.0.1:${port}${path}`, { headers: { cookie } })

    const begun = await Promise.all(paths.map((path) => visit(path)))
    const again = await Promise.all(begun.map((answer, i) => visit(paths[i]!, answer.headers.getSetCookie()[0])))
    for (const answers of [begun, again]) {
      const bodies = await Promise.all(answers.map((answer) => answer.text()))
      expect(bodies).toEqual(paths.map((path) => `${path} in ${path}`))
    }
    expect(finished).toHaveLength(2 * paths.length)
    expect(finished.filter(([path, store]) => path !== store)).toEqual([])
    server.close()
    await sessions.close()
  })

  it('and begin sessions are all committed before the first of them is answered', async () => {
    const steps: string[] = []
    const memory = new MemoryStorage(Number.POSITIVE_INFINITY, Date.now)
    const save = memory.save.bind(memory)
    memory.save = (...args) => {
      steps.push('save')
      return save(...args)
    }
    const sessions = sessioner({ provider: defineProvider({ name: 'watched', open: () => memory }) })
    const server = http.createServer((req, res) => {
      const end = res.end.bind(res)
      res.end = ((...args: []) => {
        steps.push('end')
        return end(...args)
      }) as typeof res.end
      sessions(req, res, () => {
        req.session.set('n', 1)
        res.end('begun')
      })
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const { port } = server.address() as AddressInfo
    const socket = net.connect(port, '127.0.0.1')
    const COUNT = 10
    const visit = async (): Promise<string[]> => {
      socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(COUNT)) // come in one packet
      await vi.waitFor(() => expect(steps).toHaveLength(2 * COUNT))
      return steps.splice(0)
    }
    await visit() // from now on it is known that turns are busy
    expect(await visit()).toEqual([...Array<string>(COUNT).fill('save'), ...Array<string>(COUNT).fill('end')])
    socket.destroy()
    server.close()
    await sessions.close()
  })

  it('are answered under a clock that a test has put in place of the real one', async () => {
    const app = await App.start({}, (req, res) => {
      if (req.url === '/begin') req.session.set('n', 1)
      res.end(String(req.session.get('n')))
    })
    vi.useFakeTimers({ toFake: ['setImmediate', 'setTimeout', 'Date'] })
    const browser = app.browser()
    expect((await browser.get('/begin')).body).toBe('1')
    expect((await browser.get('/')).body).toBe('1')
    vi.useRealTimers()
    await app.close()
  })
})
