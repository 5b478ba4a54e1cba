/**
 * A session is no bag of properties, which is what those of express-session, cookie-session and koa-session are.
 * @module
 */
import { SessionError, show } from './errors.js'

/** Asked for by the language and by tools of whatever object they meet. */
const PROBED: ReadonlySet<string> = new Set(['then', 'toJSON'])

/**
 * Makes errors of `req.session.user = user`, which would be lost, and of reading `req.session.user` where there is such a
 * key, which would find nobody logged in: JavaScript would say nothing. Both lie behind the prototype, where only names
 * that are found nowhere get to, so that they cost nothing. Symbols pass: with them tools mark objects.
 * @param holds whether an object has a value under a key
 */
export function refuseProperties(prototype: object, holds: (object: object, key: string) => boolean): void {
  for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
    // What is only read would be passed over in silence by whoever is not in strict mode.
    if (property.get && !property.set)
      Object.defineProperty(prototype, name, { ...property, set: refuse.bind(null, name) })
  }
  Object.setPrototypeOf(prototype, new Proxy({}, { set: assign, get: read }))

  function read(target: object, name: string | symbol, receiver: object): unknown {
    if (typeof name === 'string' && !(name in target) && !PROBED.has(name) && holds(receiver, name)) {
      const key = show(name)
      throw new SessionError('SESS_VALUE', `session[${key}]: expected session.get(${key}), got a property`)
    }
    return Reflect.get(target, name, receiver)
  }
}

function assign(_: object, name: string | symbol, value: unknown, receiver: object): boolean {
  if (typeof name === 'symbol')
    return Reflect.defineProperty(receiver, name, { value, configurable: true, enumerable: true, writable: true })
  return refuse(name)
}

function refuse(name: string): never {
  const key = show(name)
  const expected = name === 'userId' ? 'await session.login(userId)' : `session.set(${key}, value), which is stored`
  throw new SessionError('SESS_VALUE', `session[${key}] = …: expected ${expected}; got a property, which is not`)
}
