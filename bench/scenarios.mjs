// What every subject has to do. A subject gives a handler `get`, `set` and `destroy` for its kind of session.

/** About 1 KB as JSON: a user, ten fields, an array of twenty. */
export const data = {
  user: {
    id: 4711,
    name: 'Ada Lovelace',
    email: 'ada@example.org',
    roles: ['author', 'editor'],
    since: '1843-09-05T00:00:00Z',
  },
  ...Object.fromEntries(
    Array.from({ length: 10 }, (_, n) => [`field${n}`, `the value of field number ${n}, of usual length`]),
  ),
  list: Array.from({ length: 20 }, (_, n) => n * 1009),
  visits: 0,
}

export const scenarios = ['anonymous', 'read', 'write', 'create']
/** Those for which the visitor has a session already. */
export const needsSession = (scenario) => scenario === 'read' || scenario === 'write'

/** Requests at a time that each set a key of their own in one session; see `checks.mjs`. */
export const PARALLEL = 50

/**
 * Runs one request.
 * @param {string} path a scenario, `/seed`, or one of those that `checks.mjs` asks for
 * @param {{ get(key: string): any, set(key: string, value: any): void, destroy(): any }} session
 * @returns {string | Promise<string>} the body
 */
export function act(path, session) {
  switch (path) {
    case '/anonymous':
      return session.get('user') === undefined ? 'nobody' : 'somebody'
    case '/read':
      return `${session.get('user').name} ${session.get('visits')}`
    case '/write':
      session.set('visits', session.get('visits') + 1)
      return 'counted'
    case '/create':
    case '/seed':
      for (const [key, value] of Object.entries(data)) session.set(key, value)
      return 'created'
    case '/held':
      return String(Array.from({ length: PARALLEL }, (_, n) => session.get(`key${n}`)).filter(Boolean).length)
    case '/log-out':
      return destroy(session)
    default:
      return setSlowly(session, path.slice('/slow/'.length))
  }
}

async function destroy(session) {
  await session.destroy()
  return 'ended'
}

/** The session is loaded, and some time passes before the handler changes it. */
async function setSlowly(session, key) {
  await new Promise((done) => setTimeout(done, 5 + Math.random() * 20))
  session.set(key, true)
  return 'set'
}

/** @param {import('node:http').ServerResponse} res @param {string | Promise<string>} body */
export function answer(res, body) {
  if (typeof body !== 'string') return void body.then((text) => answer(res, text))
  res.setHeader('Content-Type', 'text/plain')
  res.setHeader('Content-Length', body.length)
  res.end(body)
}
