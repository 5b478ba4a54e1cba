import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from './command.mjs'
import { none, tally } from './tally.mjs'

/**
 * Runs vitest over all projects and counts what it reports.
 * @param {string[]} args for vitest
 * @returns {Promise<import('./tally.mjs').Tally>}
 */
export async function unitTests(args) {
  const folder = mkdtempSync(join(tmpdir(), 'sess-tests-'))
  const report = join(folder, 'report.json')
  try {
    const code = await run('vitest', [
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
      ...args,
    ])
    return existsSync(report) ? tally(JSON.parse(readFileSync(report, 'utf8')), code) : { ...none, failed: 1 }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
