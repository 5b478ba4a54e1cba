// What every subject has to do. A subject gives a handler three functions for its kind of session.

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

/**
 * Runs one request.
 * @param {string} path the scenario, or `/seed`, which fills a session
 * @param {{ get(key: string): any, set(key: string, value: any): void }} session
 * @returns {string} the body
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
    default: // create and seed
      for (const [key, value] of Object.entries(data)) session.set(key, value)
      return 'created'
  }
}

/** @param {import('node:http').ServerResponse} res @param {string} body */
export function answer(res, body) {
  res.setHeader('Content-Type', 'text/plain')
  res.setHeader('Content-Length', body.length)
  res.end(body)
}
