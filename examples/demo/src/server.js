import { readSettings, USAGE, UsageError } from './settings.js'
import { start } from './start.js'

/** @param {string[]} args */
async function main(args) {
  const settings = readSettings(args, process.env)
  if (settings.help) return console.log(USAGE)
  const demo = await start(settings)
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stopWith(demo, signal))
  console.log(`The cookie shop is open, its sessions are in ${demo.sessions.manager.provider.name}. Ctrl-C closes it.`)
  console.log(demo.url)
}

/**
 * The process ends by itself when nothing is left open; a second signal ends it at once.
 * @param {import('./start.js').Demo} demo
 * @param {string} signal
 */
function stopWith(demo, signal) {
  console.log(`${signal}: closing`)
  demo.stop().catch(fail)
}

/** A person's mistake is told in words, anything else with its stack. @param {unknown} error */
function fail(error) {
  const isPlain = error instanceof UsageError || /** @type {{ code?: string }} */ (error)?.code?.startsWith?.('SESS_')
  console.error(isPlain ? /** @type {Error} */ (error).message : error)
  process.exitCode = 1
}

main(process.argv.slice(2)).catch(fail)
