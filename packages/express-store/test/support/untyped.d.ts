declare module 'memorystore' {
  import type session from 'express-session'

  interface Options {
    checkPeriod?: number
    max?: number
    ttl?: number
  }

  export default function memorystore(of: typeof session): new (options: Options) => session.Store & { all: unknown }
}
