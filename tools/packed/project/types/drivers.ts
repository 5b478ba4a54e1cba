// An application with core, Express and drivers. The libraries' own declarations are checked with it.
import { createServer } from 'node:http'
import { createManager, defineProvider, registerProvider, SessionError, sessioner } from '@sess/core'
import type { Provider, Session, SessionOptions, Storage } from '@sess/core'
import { sessioner as forExpress } from '@sess/core/express'
import { withSession } from '@sess/core/fetch'
import { providerConformance } from '@sess/core/testing'
import { ledis } from '@sess/provider-ledis'
import { memcache } from '@sess/provider-memcache'
import { mysql } from '@sess/provider-mysql'
import { nodb } from '@sess/provider-nodb'
import { postgres } from '@sess/provider-postgres'
import { redis } from '@sess/provider-redis'

declare module '@sess/core' {
  interface SessionData {
    visits: number
  }
}

const options: SessionOptions = { provider: redis(), cookieName: 'app' }
const sessions = sessioner(options)
export const server = createServer((req, res) => {
  sessions(req, res, () => {
    const visits: number = (req.session.get('visits') ?? 0) + 1
    req.session.set('visits', visits)
    // @ts-expect-error: a known key has its type
    req.session.set('visits', 'many')
    res.end(String(visits))
  })
})

export async function end(session: Session): Promise<void> {
  try {
    await session.destroy()
  } catch (error) {
    if (!(error instanceof SessionError) || error.code !== 'SESS_GONE') throw error
  }
}

export const providers: Provider[] = [ledis(), memcache(), mysql(), nodb(), postgres()]
export const others = [forExpress, withSession, createManager]

export function own(storage: Storage): void {
  registerProvider('own', () => defineProvider(storage))
  providerConformance({ describe: () => undefined, it: () => undefined, create: () => storage, inProcess: true })
}
