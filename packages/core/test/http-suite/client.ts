import http2 from 'node:http2'
import type { Answer, RequestInit } from '../support/server.js'
import { Browser, send } from '../support/server.js'

/** Asks a server by HTTP/1.1 or HTTP/2. */
export class Client {
  readonly #port: number
  readonly #version: 1 | 2

  constructor(port: number, version: 1 | 2) {
    this.#port = port
    this.#version = version
  }

  request(path: string, cookie = '', init: RequestInit = {}): Promise<Answer> {
    const headers = { ...init.headers, ...(cookie && { cookie }) }
    const method = init.method ?? 'GET'
    if (this.#version === 2) return this.#request2({ ':path': path, ':method': method, ...headers })
    return send({ host: '127.0.0.1', port: this.#port, path, method, headers, agent: false })
  }

  browser(): Browser {
    return new Browser(this)
  }

  /** Asks, and hangs up when `until` resolves. */
  async abort(path: string, cookie: string, until: Promise<void>): Promise<void> {
    const answered = this.#version === 1 ? this.#abort1(path, cookie, until) : this.#abort2(path, cookie, until)
    await answered.catch(() => undefined)
  }

  #abort1(path: string, cookie: string, until: Promise<void>): Promise<Answer> {
    const controller = new AbortController()
    void until.then(() => controller.abort())
    const { signal } = controller
    return send({ host: '127.0.0.1', port: this.#port, path, headers: { cookie }, agent: false, signal })
  }

  #abort2(path: string, cookie: string, until: Promise<void>): Promise<Answer> {
    const session = http2.connect(`http://127.0.0.1:${this.#port}`)
    const stream = session.request({ ':path': path, cookie })
    void until.then(() => session.destroy())
    return collect(stream)
  }

  async #request2(headers: http2.OutgoingHttpHeaders): Promise<Answer> {
    const session = http2.connect(`http://127.0.0.1:${this.#port}`)
    try {
      return await collect(session.request(headers))
    } finally {
      session.close()
    }
  }
}

function collect(stream: http2.ClientHttp2Stream): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let answer: Answer | undefined
    let body = ''
    stream.on('response', ({ ':status': status = 0, ...headers }) => {
      answer = {
        status,
        headers: headers as Answer['headers'],
        rawHeaders: [],
        setCookie: headers['set-cookie'] ?? [],
        body,
      }
    })
    stream.setEncoding('utf8')
    stream.on('data', (chunk: string) => (body += chunk))
    stream.on('end', () => answer && resolve({ ...answer, body }))
    stream.on('error', reject)
    stream.on('close', () => reject(new Error('cut off')))
    stream.end()
  })
}
