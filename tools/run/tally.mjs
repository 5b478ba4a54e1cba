/**
 * @typedef {{ passed: number, failed: number, skipped: number }} Tally
 * @typedef {{ status: string, assertionResults: { status: string }[] }} Suite one test file in vitest's JSON report
 */

/** @type {Tally} */
export const none = { passed: 0, failed: 0, skipped: 0 }

/** @param {Tally} a @param {Tally} b @returns {Tally} */
export const add = (a, b) => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
})

/** @param {Tally} total */
export const line = ({ passed, failed, skipped }) =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`

/**
 * Counts vitest's report. A failure that is no test's (an unhandled rejection, no test found) shows in the exit code
 * only, and counts as one.
 * @param {{ testResults: Suite[] }} report
 * @param {number} exitCode
 */
export function tally({ testResults }, exitCode) {
  const total = testResults.map(tallySuite).reduce(add, none)
  return exitCode !== 0 && total.failed === 0 ? { ...total, failed: 1 } : total
}

/** A file that failed though none of its tests did could not be loaded, or a hook of it failed. @param {Suite} suite */
function tallySuite({ status, assertionResults }) {
  /** @param {string} wanted */
  const count = (wanted) => assertionResults.filter((result) => result.status === wanted).length
  const passed = count('passed')
  const failed = count('failed')
  const skipped = assertionResults.length - passed - failed
  return { passed, failed: status === 'failed' && failed === 0 ? 1 : failed, skipped }
}
