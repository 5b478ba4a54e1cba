import { SessionError } from '@sess/core'

export const PROVIDER = 'memcache'

/** No answer came: nobody knows whether the request was carried out, or still will be. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer'
}

/** The request was not sent, since its server can't be reached. */
export const away = (server: string, reason: Error): SessionError =>
  new SessionError('SESS_STORE', `memcached ${server} can't be reached: ${reason.message}`, {
    cause: reason,
    provider: PROVIDER,
  })

/** The server answered that it did not do it. */
export const refused = (doing: string, status: number): SessionError =>
  new SessionError('SESS_STORE', `memcached could not ${doing}: ${MEANINGS[status] ?? `status ${status}`}`, {
    provider: PROVIDER,
  })

const MEANINGS: Record<number, string> = {
  0x04: 'invalid arguments',
  0x20: 'user name and password are asked for',
  0x81: 'it does not know the command',
  0x82: 'out of memory',
  0x84: 'internal error',
  0x85: 'busy',
  0x86: 'temporary failure',
}
