import type { ConformanceOptions } from '../../src/testing/index.js'
import { providerConformance } from '../../src/testing/index.js'

/** What became of one sentence. */
export interface Verdict {
  readonly sentence: string
  readonly outcome: 'kept' | 'broken' | 'skipped'
  /** The error, or why it was skipped. */
  readonly why?: string
}

type KitOptions = Omit<ConformanceOptions, 'describe' | 'it'>

/** A runner that writes down what it finds, one sentence after the other. */
export async function collect(options: KitOptions): Promise<Verdict[]> {
  const tests: { sentence: string; body: (context: unknown) => Promise<void> }[] = []
  providerConformance({
    ...options,
    describe: (_, body) => body(),
    it: (sentence, body) => tests.push({ sentence, body }),
  })
  const verdicts: Verdict[] = []
  for (const { sentence, body } of tests) verdicts.push(await judge(sentence, body))
  return verdicts
}

async function judge(sentence: string, body: (context: unknown) => Promise<void>): Promise<Verdict> {
  let reason: string | undefined
  try {
    await body({ skip: (why: string) => void (reason = why) })
    return reason === undefined ? { sentence, outcome: 'kept' } : { sentence, outcome: 'skipped', why: reason }
  } catch (error) {
    return { sentence, outcome: 'broken', why: error instanceof Error ? error.message : String(error) }
  }
}

export const sentencesThatAre = (outcome: Verdict['outcome'], verdicts: Verdict[]): string[] =>
  verdicts.filter((verdict) => verdict.outcome === outcome).map(({ sentence }) => sentence)
