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
    const [, count, ...rest] = args
    const [keys, values] = [rest.slice(0, count), rest.slice(count)]
    const sets = keys.map((key, i) => call('SET', key, values[3 * i + 1], 'PX', values[3 * i + 2]))
    return Promise.all(sets).then((answers) => answers.map(() => 1))
  }
  return client
}

const unguardedClient = () => saveWhateverIsThere(new Redis(`redis://${options.providerConfig.replace('addr=', '')}`))

await serve({
  ...options,
  provider: 'redis',
  ...(unguarded && { provider: redis({ client: unguardedClient() }), providerConfig: '' }),
})
