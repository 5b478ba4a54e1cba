import { Fixture } from './fixture.js'
import type { ResolvedConformance } from './options.js'
import type { Proof } from './steps.js'

/** Runs one proof with instances of its own. */
export async function prove(proof: Proof, options: ResolvedConformance): Promise<void> {
  const fixture = new Fixture(options)
  try {
    await proof(fixture)
  } finally {
    await fixture.close()
  }
}
