import { makeFolder } from './folder.mjs'
import { freePort } from './port.mjs'
import { createRedisServer, credentials, redisArgs, redisPackages, redisPrograms } from './redis-node.mjs'
import { startServers } from './service.mjs'

const variable = 'REDIS_URL'

/** @type {import('./types.js').Definition} */
export const redis = {
  variable,
  programs: redisPrograms,
  packages: redisPackages,
  async start(options, { server: program = '' }) {
    const folder = makeFolder('redis')
    const port = await freePort()
    const secure = options.tls && { ...options.tls, port: await freePort() }
    const url = `${secure ? 'rediss' : 'redis'}://${credentials(options)}127.0.0.1:${secure?.port ?? port}`
    const args = redisArgs(options, { port, dir: folder, ...(secure && tlsConfig(secure)) })
    const server = createRedisServer({ name: 'redis', program, args, folder, port, url })
    return startServers({ name: 'redis', variable, url, folder, servers: [server] })
  },
}

/** @param {import('./types.js').TlsFiles & { port: number }} tls */
const tlsConfig = ({ port, ca, cert, key }) => ({
  'tls-port': port,
  'tls-ca-cert-file': ca,
  'tls-cert-file': cert,
  'tls-key-file': key,
  'tls-auth-clients': 'no',
})
