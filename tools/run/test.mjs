import { install } from './install.mjs'
import { build, format, lint, packages, typecheck, unused } from './steps.mjs'
import { add, line, none } from './tally.mjs'
import { unitTests } from './unit-tests.mjs'

const prerequisites = { install, build }
const checks = { typecheck, lint, format, unused, packages }

/**
 * Everything that has to hold before a change is merged. Stops at the first failing step. The last line on stdout is
 * the count: each step is one, and each test of vitest.
 * @param {string[]} args for vitest, e.g. a file; the checks are left out then
 */
export async function test(args) {
  const steps = args.length > 0 ? prerequisites : { ...prerequisites, ...checks }
  let total = none
  for (const [name, step] of Object.entries(steps)) {
    heading(name)
    total = add(total, await counted(step))
    if (total.failed > 0) return finish(total)
  }
  heading('tests')
  return finish(add(total, await unitTests(args)))
}

/** @param {() => Promise<number>} step */
async function counted(step) {
  try {
    return (await step()) === 0 ? { ...none, passed: 1 } : { ...none, failed: 1 }
  } catch (error) {
    console.error(error)
    return { ...none, failed: 1 }
  }
}

/** @param {string} name */
function heading(name) {
  console.log(`\n== ${name} ==`)
}

/** @param {import('./tally.mjs').Tally} total */
function finish(total) {
  console.log(`\n${line(total)}`)
  return total.failed === 0 ? 0 : 1
}
