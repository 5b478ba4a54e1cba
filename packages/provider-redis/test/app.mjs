// Uses the built package.
import { redis } from '@sess/provider-redis'
import { Redis } from 'ioredis'
import { serve } from '../../../tools/testing/serve.mjs'

const { unguarded, ...options } = JSON.parse(process.argv[2])

/** A client for which comparing and setting is only setting: the guard is out. */
function saveWhateverIsThere(client) {
  const call = client.call.bind(client)
  client.call = (command, ...args) => {
    if (!command.startsWith('EVAL')) return call(command, ...args)
    const [, , key, , , text, ttl] = args
    return call('SET', key, text, 'PX', ttl).then(() => 1)
  }
  return client
}

const unguardedClient = () => saveWhateverIsThere(new Redis(`redis://${options.providerConfig.replace('addr=', '')}`))

await serve({
  ...options,
  provider: 'redis',
  ...(unguarded && { provider: redis({ client: unguardedClient() }), providerConfig: '' }),
})
