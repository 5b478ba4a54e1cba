import { addressesOf } from './service.mjs'

const controls = ['servers', 'pids', 'folder', 'log', 'pause', 'resume', 'kill', 'restart']

/**
 * The server that an environment variable names: it can be used, not controlled.
 * @param {string} name @param {import('./types.js').Definition} definition @param {string} url
 */
export function foreignService(name, { variable, controls: more = [] }, url) {
  const service = {
    name,
    variable,
    available: true,
    isOurs: false,
    url,
    env: { [variable]: url },
    addresses: addressesOf(url),
    stop: async () => {},
  }
  return refuse(service, [...controls, ...more], `needs a server of our own, but ${variable} names another one`)
}

/** What the body of a skipped `describe`, which runs all the same, may make clients of: they would find nobody. */
const NOWHERE = 'missing://missing.invalid:1/missing'

/**
 * Stands for a server that is missing, in tests that are skipped for it. Whoever forgets to skip gets an error.
 * @param {string} name @param {import('./types.js').Definition} definition
 */
export function missingService(name, { variable, controls: more = [] }) {
  const place = { url: NOWHERE, env: { [variable]: NOWHERE }, addresses: addressesOf(NOWHERE) }
  const service = { name, variable, available: false, isOurs: false, ...place, stop: async () => {} }
  const names = [...controls, ...more]
  return refuse(service, names, `needs ${name}, which is missing here: skip with describe.skipIf(!service.available)`)
}

/** @param {object} service @param {string[]} names @param {string} reason @returns {import('./types.js').Service} */
function refuse(service, names, reason) {
  for (const name of names) {
    Object.defineProperty(service, name, {
      get() {
        throw new Error(`"${name}" ${reason}`)
      },
    })
  }
  return /** @type {import('./types.js').Service} */ (service)
}
