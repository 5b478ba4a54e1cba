import { couchbase } from './couchbase.mjs'
import { install } from './install.mjs'
import { mariadb } from './mariadb.mjs'
import { memcached } from './memcached.mjs'
import { MissingServiceError } from './missing.mjs'
import { foreignService } from './not-ours.mjs'
import { postgres } from './postgres.mjs'
import { findPrograms } from './program.mjs'
import { redisCluster } from './redis-cluster.mjs'
import { redisSentinel } from './redis-sentinel.mjs'
import { redis } from './redis.mjs'

/** @type {{ [N in import('./types.js').ServiceName]: import('./types.js').Definition<import('./types.js').Services[N]> }} */
export const definitions = {
  redis,
  'redis-cluster': redisCluster,
  'redis-sentinel': redisSentinel,
  memcached,
  postgres,
  mariadb,
  couchbase,
}

export const serviceNames = /** @type {import('./types.js').ServiceName[]} */ (Object.keys(definitions))

/**
 * The server that the service's environment variable names, or else one of our own, installed if need be. Throws
 * `MissingServiceError` if neither is possible. In tests use `service` of vitest.mjs instead.
 * @type {import('./types.js').StartService}
 */
export async function startService(name, options = {}) {
  const definition = definitions[name]
  const url = process.env[definition.variable]
  const { own, config, args, tls } = options
  if (url && !own && !config && !args && !tls) {
    return /** @type {import('./types.js').Services[typeof name]} */ (foreignService(name, definition, url))
  }
  const programs = findPrograms(definition.programs, definition.folders) ?? (await installed(name))
  return definition.start(options, programs)
}

/** @param {import('./types.js').ServiceName} name */
async function installed(name) {
  const { programs, folders, packages } = definitions[name]
  const cause = await install(packages, () => findPrograms(programs, folders) !== undefined).catch((error) => error)
  const found = findPrograms(programs, folders)
  if (!found) throw new MissingServiceError(name, definitions[name], cause)
  return found
}
