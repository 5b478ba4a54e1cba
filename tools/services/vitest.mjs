import { afterAll, it } from 'vitest'
import { definitions, startService } from './index.mjs'
import { inCI, MissingServiceError } from './missing.mjs'
import { missingService } from './not-ours.mjs'

export { inCI }

/**
 * A server for the tests of this file, stopped after them. At the top level of the file, where no time limit of a hook
 * holds and `skipIf` can still be told:
 *
 *     const redis = await service('redis')
 *     describe.skipIf(!redis.available)('…', () => { … redis.url … })
 *
 * A missing server is an error if CI is set, else a notice and a skipped test that bears it; and whatever uses the
 * service's members all the same throws.
 * @type {import('./types.js').StartService}
 */
export async function service(name, options) {
  try {
    const started = await startService(name, options)
    afterAll(() => started.stop())
    return started
  } catch (error) {
    if (!(error instanceof MissingServiceError) || inCI()) throw error
    console.warn(`\nSKIPPED, not tested: ${error.message}\n`)
    it.skipIf(true)(`not tested: ${error.message}`, () => {})
    return /** @type {import('./types.js').Services[typeof name]} */ (missingService(name, definitions[name]))
  }
}
