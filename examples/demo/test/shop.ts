import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { NextFunction, Request, Response } from 'express'
import { sessioner, type Sessioner } from '@sess/core'
import { createApp } from '../src/app.js'
import { Gates } from './gates.js'

export type ProviderName = 'memory' | 'file'

/** The demo in this process, on a port and in a folder of its own. */
export interface Shop extends AsyncDisposable {
  readonly url: string
  readonly sessions: Sessioner
  readonly gates: Gates
}

export async function openShop(provider: ProviderName): Promise<Shop> {
  const folder = await mkdtemp(join(tmpdir(), 'sess-demo-'))
  const sessions = sessioner({ provider, providerConfig: provider === 'file' ? folder : '' })
  const gates = new Gates()
  const server = createServer(createApp({ sessions: gated(sessions, gates), slowSeconds: 1 }))
  await once(server.listen(0), 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://localhost:${port}`,
    sessions,
    gates,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await sessions.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** The same middleware, with the gates behind it. */
function gated(sessions: Sessioner, gates: Gates): Sessioner {
  const middleware = (req: Request, res: Response, next: NextFunction): void =>
    sessions(req, res, (error) => {
      if (error !== undefined) return next(error)
      gates.pass(req).then(() => next(), next)
    })
  return Object.assign(middleware, sessions) as unknown as Sessioner
}
