// The one entry behind every npm script. It needs Node and npm, nothing else: pnpm is found or brought.
import { requireInstall } from './run/install.mjs'
import { runEntry } from './run/entry.mjs'
import { publish, version } from './run/release.mjs'
import { build, docs, format, lint, typecheck } from './run/steps.mjs'
import { test } from './run/test.mjs'

/** Each takes the script's extra arguments and gives the exit code. @type {Record<string, (args: string[]) => Promise<number>>} */
const tasks = {
  test,
  start: (args) => runEntry('examples/demo', args),
  bench: (args) => runEntry('bench', args),
  services: (args) => runEntry('tools', args),
  build: (args) => inOrder([build], args),
  // Both read the built types of the packages that a file imports.
  typecheck: (args) => inOrder([build, typecheck], args),
  lint: (args) => inOrder([build, lint], args),
  format: (args) => inOrder([format], ['--write', ...args]),
  // The reference is made of the sources, which find each other as they were built.
  docs: (args) => inOrder([build, docs], args),
  'release:version': (args) => inOrder([version], args),
  'release:publish': (args) => inOrder([build, publish], args),
}

/**
 * Installs, then runs the steps until one fails; the last one gets the extra arguments.
 * @param {Array<(args: string[]) => Promise<number>>} steps
 * @param {string[]} args
 */
async function inOrder(steps, args) {
  await requireInstall()
  for (const step of steps) {
    const code = await step(step === steps.at(-1) ? args : [])
    if (code !== 0) return code
  }
  return 0
}

const [name = '', ...args] = process.argv.slice(2)
const task = tasks[name]
if (!task) {
  console.error(`Unknown task "${name}". Tasks: ${Object.keys(tasks).join(', ')}`)
  process.exitCode = 2
} else {
  // Not process.exit(): what was written to a pipe has to get out first.
  process.exitCode = await task(args).catch((error) => {
    console.error(error.message)
    return 1
  })
}
