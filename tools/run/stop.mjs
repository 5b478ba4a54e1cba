/** @type {NodeJS.Signals[]} */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']

/** Without npm between, a parent that ends is a shell that left us in the background on purpose. */
const parent = process.env.npm_lifecycle_event ? process.ppid : undefined

/**
 * Calls back when this process is told to stop, by a signal or by the end of its parent: npm runs a script in a shell,
 * and a signal to npm ends that shell only.
 * @param {(signal: NodeJS.Signals) => void} stop
 * @returns {() => void} stops listening
 */
export function onStop(stop) {
  for (const signal of signals) process.on(signal, stop)
  const watch = setInterval(() => {
    if (parent === undefined || process.ppid === parent) return
    clearInterval(watch)
    stop('SIGTERM')
  }, 250)
  return () => {
    clearInterval(watch)
    for (const signal of signals) process.off(signal, stop)
  }
}
