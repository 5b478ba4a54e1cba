import { createRequire } from 'node:module'
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInThisContext } from 'node:vm'
import express5 from 'express'
import { afterEach, describe, expect, it } from 'vitest'
import { asDictionaryIfQuicker } from './dictionary.js'
import { sessioner } from './node.js'

const express4 = createRequire(import.meta.url)('express4') as typeof express5

setFlagsFromString('--allow-natives-syntax')
/** Whether an object has a hidden class that knows its properties. */
const hasClass = runInThisContext('(object) => %HasFastProperties(object)') as (object: object) => boolean
const isOldEngine = Number.parseInt(process.versions.v8, 10) < 13

let server: Server | undefined
afterEach(() => server?.close())

type Handler = (req: IncomingMessage, res: ServerResponse) => void

/** What a handler below the sessions finds of its request and response. */
async function hadClass(app: (handler: Handler) => RequestListener): Promise<[boolean, boolean]> {
  let had: [boolean, boolean] | undefined
  const handler: Handler = (req, res) => {
    had = [hasClass(req), hasClass(res)]
    res.end('done')
  }
  server = createServer(app(handler)).listen(0)
  const { port } = server.address() as AddressInfo
  expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe('done')
  return had!
}

describe('the hidden class of a request and a response', () => {
  const sessions = sessioner()

  it.each([
    ['Express 4', express4],
    ['Express 5', express5],
  ])('goes on %s, where the engine would make one for each of their properties', async (_, express) => {
    expect(await hadClass((handler) => express().use(sessions).use(handler))).toEqual([!isOldEngine, !isOldEngine])
  })

  it('stays elsewhere', async () => {
    const listener = (handler: Handler): RequestListener => {
      return (req, res) => sessions(req, res, () => handler(req, res))
    }
    expect(await hadClass(listener)).toEqual([true, true])
  })

  it('leaves the properties and their order when it goes', () => {
    const object = Object.assign(Object.create({ inherited: 1 }) as object, { b: 1, a: 2, [Symbol.for('c')]: 3 })
    asDictionaryIfQuicker(object)
    expect(hasClass(object)).toBe(!isOldEngine)
    expect(Reflect.ownKeys(object)).toEqual(['b', 'a', Symbol.for('c')])
    expect(object).toEqual({ b: 1, a: 2, [Symbol.for('c')]: 3 })
    expect(Object.getPrototypeOf(object)).toEqual({ inherited: 1 })
  })
})
