/**
 * The conformance kit: whether a provider, or a storage, keeps the contract.
 * @module
 */
import '../on-node.js'
import { closing } from './closing.js'
import { contract } from './contract.js'
import { counting } from './counting.js'
import { expiry } from './expiry.js'
import { expiryOfStorage } from './expiry-of-storage.js'
import { Skipped } from './fixture.js'
import { gone } from './gone.js'
import { ids } from './ids.js'
import { keys } from './keys.js'
import { merging } from './merging.js'
import { nobody } from './nobody.js'
import type { ConformanceOptions, ResolvedConformance } from './options.js'
import { resolveConformance } from './options.js'
import { outage } from './outage.js'
import { prove } from './prove.js'
import { regenerate } from './regenerate.js'
import type { Proof, State } from './steps.js'
import { remembering } from './remembering.js'
import { renewal } from './renewal.js'
import { secrets } from './secrets.js'
import { storage } from './storage.js'
import { storageMoves } from './storage-moves.js'
import { Together } from './together.js'
import { users } from './users.js'
import { values } from './values.js'

export type { ConformanceOptions, Subject } from './options.js'

/** A chapter states its sentences; those that wait for time to pass, by the second function. */
const CHAPTERS: Record<string, (state: State, stateWaiting: State) => void> = {
  contract,
  merging,
  'gone is gone': gone,
  regenerate,
  expiry,
  values,
  keys,
  ids,
  'nothing for nobody': nobody,
  users,
  secrets,
  renewal,
  remembering,
  counting,
  closing,
  outage,
  storage,
  'storage: remove and rename': storageMoves,
  'storage: expiry': expiryOfStorage,
}

/** Milliseconds; the sentences about expiry wait for it. */
const TIMEOUT = 60_000

/**
 * States the contract sentence by sentence, as tests of your runner. What the provider does not claim in its
 * `capabilities`, or what was not handed in, is skipped with the reason where the runner can skip.
 * @throws {OptionError} `SESS_OPTION` on an unknown option, or a wrong one
 *
 * @example
 * ```ts
 * import { describe, it } from 'node:test'
 * import { providerConformance } from '@sess/core/testing'
 *
 * providerConformance({ describe, it, create: () => new MyStorage(), inProcess: true })
 * ```
 */
export function providerConformance(options: ConformanceOptions): void {
  const resolved = resolveConformance(options)
  const together = new Together(resolved)
  const state: State = (sentence, proof) => void resolved.it(sentence, testOf(proof, resolved), TIMEOUT)
  for (const [title, chapter] of Object.entries(CHAPTERS)) {
    resolved.describe(title, () => chapter(state, together.with(state)))
  }
}

/** No parameter is declared: mocha would take one for a callback to wait for. */
function testOf(proof: Proof, options: ResolvedConformance): () => Promise<void> {
  return async function (this: unknown, ...args: unknown[]): Promise<void> {
    ;(this as MochaContext | undefined)?.timeout?.(TIMEOUT)
    try {
      await prove(proof, options)
    } catch (error) {
      if (!(error instanceof Skipped)) throw error
      skip((args[0] ?? this) as SkippableContext | undefined, error.message)
    }
  }
}

interface MochaContext {
  timeout?(milliseconds: number): void
}

/** vitest and node:test hand it to the test, mocha makes it `this`. */
interface SkippableContext {
  skip?(why: string): void
}

function skip(context: SkippableContext | undefined, why: string): void {
  context?.skip?.(why)
}
