/**
 * What libpq takes from the environment where the configuration says nothing, as far as pg does not.
 * @see https://www.postgresql.org/docs/current/libpq-envars.html
 * @module
 */
import { userInfo } from 'node:os'
import type { PostgresConnectionOptions } from './options.js'

const ADDRESS = { host: 'PGHOST', hostaddr: 'PGHOSTADDR' }
const ENCRYPTION = { ssl: 'PGSSLMODE', sslRootCert: 'PGSSLROOTCERT', sslCert: 'PGSSLCERT', sslKey: 'PGSSLKEY' }

export function withEnvironment(options: PostgresConnectionOptions): PostgresConnectionOptions {
  // Options of TLS, which only code can give, are not changed from outside.
  const names = typeof options.ssl === 'object' ? ADDRESS : { ...ADDRESS, ...ENCRYPTION }
  return { ...systemUser(), ...variables(names), ...options }
}

function variables(names: Record<string, string>): PostgresConnectionOptions {
  const found = Object.entries(names).map(([option, name]) => [option, process.env[name]] as const)
  return Object.fromEntries(found.filter(([, value]) => value)) // an empty one is as good as none
}

/** pg would ask the variable USER, which is not there in a container, or somebody else's. */
function systemUser(): PostgresConnectionOptions {
  if (process.env['PGUSER']) return {}
  try {
    return { user: userInfo().username }
  } catch {
    return {} // the system has no name for it
  }
}
