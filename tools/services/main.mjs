// `npm run services [-- NAME …]`: starts servers, prints the variables that point an application at them, and stays.
import { onStop } from '../run/stop.mjs'
import { serviceNames, startService } from './index.mjs'
import { MissingServiceError } from './missing.mjs'

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !serviceNames.some((known) => known === name))
if (unknown.length > 0) {
  console.error(`Unknown service: ${unknown.join(', ')}. Services: ${serviceNames.join(', ')}`)
  process.exitCode = 2
} else {
  await serve(asked.length > 0 ? serviceNames.filter((name) => asked.includes(name)) : serviceNames)
}

/** @param {import('./types.js').ServiceName[]} names */
async function serve(names) {
  /** @type {Promise<void>} */
  const told = new Promise((resolve) => {
    const forget = onStop(() => {
      forget()
      resolve()
    })
  })
  const starting = names.map((name) => start(name))
  await Promise.race([told, Promise.all(starting).then(announce)])
  const services = (await Promise.all(starting)).filter((service) => service !== undefined)
  if (services.length > 0) await told
  await Promise.all(services.map((service) => service.stop()))
  // Nothing came up, and nobody is going to stop us.
  if (services.length === 0) process.exit(1)
}

/** @param {import('./types.js').ServiceName} name */
async function start(name) {
  const begin = performance.now()
  try {
    const service = await startService(name)
    const how = service.isOurs ? `started in ${Math.round(performance.now() - begin)} ms` : 'runs already'
    console.error(`${name}: ${how}`)
    console.log(`export ${service.variable}='${service.url}'`)
    return service
  } catch (error) {
    process.exitCode = 1
    console.error(error instanceof MissingServiceError ? error.message : error)
    return undefined
  }
}

/** @param {unknown[]} services */
function announce(services) {
  if (services.some((service) => service !== undefined)) console.error('Ctrl-C stops them and removes their data.')
}
