import { describe, expect, it } from 'vitest'
import { add, line, tally } from './tally.mjs'

/** @param {string} status @param {string[]} tests */
const suite = (status, ...tests) => ({ status, assertionResults: tests.map((test) => ({ status: test })) })

describe('tally', () => {
  it('sums the tests of all files', () => {
    const report = { testResults: [suite('passed', 'passed', 'skipped', 'todo'), suite('failed', 'passed', 'failed')] }
    expect(tally(report, 1)).toEqual({ passed: 2, failed: 1, skipped: 2 })
  })

  it('counts a file that could not be loaded as one failure', () => {
    expect(tally({ testResults: [suite('failed')] }, 1)).toEqual({ passed: 0, failed: 1, skipped: 0 })
  })

  it('counts a failure that is of no test', () => {
    expect(tally({ testResults: [suite('passed', 'passed')] }, 1)).toEqual({ passed: 1, failed: 1, skipped: 0 })
  })
})

describe('line', () => {
  it('names the skipped only where there are any', () => {
    expect(line({ passed: 3, failed: 0, skipped: 0 })).toBe('3 passed, 0 failed')
    expect(line(add({ passed: 3, failed: 1, skipped: 1 }, { passed: 1, failed: 0, skipped: 1 }))).toBe(
      '4 passed, 1 failed, 2 skipped',
    )
  })
})
