import { SessionError, show } from './errors.js'

/**
 * Makes an assignment to a property that no class of an object declares an error, where it would be lost: who comes from
 * express-session writes `req.session.user = user`, and JavaScript would say nothing. It lies behind the prototype, where
 * only names that are found nowhere get to, so that it costs nothing. Symbols pass: with them tools mark objects.
 */
export function refuseNewProperties(prototype: object): void {
  Object.setPrototypeOf(prototype, new Proxy({}, { set: assign }))
}

function assign(_: object, name: string | symbol, value: unknown, receiver: object): boolean {
  if (typeof name === 'symbol')
    return Reflect.defineProperty(receiver, name, { value, configurable: true, enumerable: true, writable: true })
  const key = show(name)
  const message = `session[${key}] = …: expected session.set(${key}, value), which is stored; got a property, which is not`
  throw new SessionError('SESS_VALUE', message)
}
