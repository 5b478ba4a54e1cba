/**
 * A pool of our own.
 * @module
 */
import type { Socket } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import type { ProviderContext } from '@sess/core'
import { Client, Pool } from 'pg'
import type { ConnectionSettings } from './options.js'

/** The part of `storeTimeout` for each step: waiting for a connection, and then for the answer. */
const STEP = 0.45
const KEEP_ALIVE = 30_000

/** Milliseconds. */
export const stepOf = ({ storeTimeout }: ProviderContext): number => Math.ceil(storeTimeout * STEP * 1000)

/** Ours. They connect when they are first used. */
export interface OwnPools {
  readonly requests: Pool
  /** For what may look at the whole table, and no request waits for: one counts, one collects. */
  readonly unhurried: Pool
}

/** @param isLimited whether the server shall give up what takes longer than anybody waits */
export function createPools(
  settings: ConnectionSettings,
  ssl: ConnectionOptions | false,
  isLimited: boolean,
  context: ProviderContext,
): OwnPools {
  return {
    requests: createPool(settings, ssl, context, isLimited),
    unhurried: createPool({ ...settings, poolSize: 2 }, ssl, context, false),
  }
}

function createPool(
  settings: ConnectionSettings,
  ssl: ConnectionOptions | false,
  context: ProviderContext,
  isLimited: boolean,
): Pool {
  const step = stepOf(context)
  const { host, hostaddr, port, database, user, password, options, connectTimeout } = settings
  return new Pool({
    ...withoutUndefined({ host: hostaddr ?? host, port, database, user, password: asked(password), options }),
    Client: HangingUp,
    ssl,
    max: settings.poolSize,
    application_name: settings.applicationName ?? 'sess',
    connectionTimeoutMillis: connectTimeout ? Math.min(step, connectTimeout * 1000) : step,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE,
    ...(isLimited && { statement_timeout: step }),
  })
}

/** pg takes an option that is there and undefined for one that was set. */
function withoutUndefined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T
}

/** The application has no password for us: a server that is asked once more would ask for it once more. */
export class LogInError extends Error {}

type Password = ConnectionSettings['password']

/** A function's failure is told from the server's. */
function asked(password: Password): Password {
  if (typeof password !== 'function') return password
  return async () => {
    const text: unknown = await Promise.resolve()
      .then(password)
      .catch((cause: unknown) => {
        throw new LogInError(`the password function failed: ${messageOf(cause)}`, { cause })
      })
    if (typeof text !== 'string') throw new LogInError('the password function gave no text')
    return text
  }
}

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

type Connected = (error: Error | null, client?: Client) => void

/** Where pg itself gives up a log-in, it leaves the connection open, and nobody knows of it any more. */
class HangingUp extends Client {
  override connect(): Promise<Client>
  override connect(callback: Connected): void
  override connect(callback?: Connected): Promise<Client> | void {
    if (!callback) return super.connect()
    super.connect((error: Error | null, client?: Client) => {
      if (error) (this.connection as unknown as { stream: Socket }).stream.destroy()
      callback(error, client)
    })
  }
}
