/** The application of the suite: what each path does, in words that every framework can put into its own. */
import type { Flash, Session } from '../../src/index.js'
import { wait } from '../support/server.js'

export interface Visit {
  readonly session: Session
  readonly flash: Flash
  /** What the framework's views get, where it has a place for that. */
  readonly view?: Flash | undefined
}

export interface Reply {
  readonly status?: number
  readonly headers?: Record<string, string>
  readonly cookies?: string[]
  readonly body: string | AsyncIterable<string>
}

export type Page = (visit: Visit, query: string) => Reply | Promise<Reply>

/** What `/slow` tells when it has changed its session, and what it waits for then. */
const slow: { begun: () => void; gate: Promise<void> } = { begun: () => undefined, gate: Promise.resolve() }

/** Closes the gate of `/slow`; `reached` resolves when a request stands before it. */
export function closeGate(): { reached: Promise<void>; open: () => void } {
  const reached = new Promise<void>((resolve) => (slow.begun = resolve))
  let open!: () => void
  slow.gate = new Promise<void>((resolve) => (open = resolve))
  return { reached, open }
}

const next = ({ session }: Visit): number => Number(session.get('n') ?? 0) + 1
const redirect = (location: string): Reply => ({ status: 302, headers: { Location: location }, body: '' })
const n = ({ session }: Visit): Reply => ({ body: `n=${String(session.get('n'))}` })

export const pages: Record<string, Page> = {
  '/static': () => ({ body: 'static' }),
  '/read': n,
  '/keys': ({ session }) => ({ body: session.keys().sort().join() }),
  '/set': (visit) => {
    visit.session.set('n', next(visit))
    return n(visit)
  },
  '/set-and-redirect': (visit) => {
    visit.session.set('n', next(visit))
    return redirect('/read')
  },
  /** As those do who come from express-session: nobody waits for the save. */
  '/save-and-redirect': (visit) => {
    visit.session.set('n', next(visit))
    visit.session.save(() => undefined)
    return redirect('/read')
  },
  '/key': async ({ session }, query) => {
    await wait(Math.random() * 10)
    session.set(query, true)
    return { body: query }
  },
  '/regenerate': async (visit) => {
    await visit.session.regenerate()
    return n(visit)
  },
  '/regenerate-and-set': async (visit) => {
    await visit.session.regenerate()
    visit.session.set('n', next(visit))
    return n(visit)
  },
  '/log-in': async (visit) => {
    await visit.session.login('ada')
    return n(visit)
  },
  '/destroy': async (visit) => {
    await visit.session.destroy()
    return n(visit)
  },
  '/flash': ({ flash }) => {
    flash.success('saved')
    return redirect('/show')
  },
  '/show': ({ flash, view }) => ({ body: (view ?? flash).SuccessMsg }),
  '/now': ({ flash, view }) => {
    flash.info('only here', true)
    return { body: (view ?? flash).InfoMsg }
  },
  '/stream': ({ session }) => ({ body: streaming(session) }),
  '/sized': (visit) => ({ headers: { 'Content-Length': '8' }, body: ofKnownLength(visit) }),
  '/late': ({ session }) => ({ body: beginningTooLate(session) }),
  '/throw': (visit) => {
    visit.session.set('n', next(visit))
    throw new Error('thrown by the handler')
  },
  '/slow': async (visit) => {
    visit.session.set('n', next(visit))
    slow.begun()
    await slow.gate
    return n(visit)
  },
  '/own-headers': (visit) => {
    visit.session.set('n', next(visit))
    const headers = { 'Cache-Control': 'no-store', Vary: 'Accept' }
    return { headers, cookies: ['mine=1; Path=/', 'other=2; Path=/'], body: 'own' }
  },
  '/load': async (visit) => {
    await visit.session.load()
    return n(visit)
  },
}

async function* streaming(session: Session): AsyncGenerator<string> {
  session.set('first', 1)
  yield 'one,'
  await wait(10)
  session.set('later', 2)
  yield 'two,'
  yield 'three'
}

/** The visitor has all of it when the last part is there. */
async function* ofKnownLength(visit: Visit): AsyncGenerator<string> {
  yield 'one,'
  await wait(10)
  visit.session.set('n', next(visit))
  yield 'two.'
}

async function* beginningTooLate(session: Session): AsyncGenerator<string> {
  yield 'begun,'
  await wait(10)
  try {
    session.set('a', 1)
    yield 'set'
  } catch (error) {
    yield (error as { code: string }).code
  }
}
