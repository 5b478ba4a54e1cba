import { describe, expect, it } from 'vitest'
import type { Fault } from './persistence.js'
import { Persistence } from './persistence.js'

class Failure extends Error {
  readonly fault: Fault

  constructor(fault: Fault) {
    super(fault)
    this.fault = fault
  }
}

/** Fails in the given ways, and then succeeds; gives how often it was tried, too. */
async function tried(
  faults: Fault[],
  repeatable: boolean,
  patience = 5000,
): Promise<{ attempts: number; repeated?: boolean; error?: unknown }> {
  let attempts = 0
  const persistence = new Persistence((error) => (error as Failure).fault, patience)
  const attempt = async (): Promise<string> => {
    const fault = faults[attempts++]
    if (fault) throw new Failure(fault)
    return 'done'
  }
  try {
    const { repeated } = await persistence.run(attempt, repeatable)
    return { attempts, repeated }
  } catch (error) {
    return { attempts, error: (error as Error).message }
  }
}

describe('a statement', () => {
  it('that succeeds is sent once', async () => {
    expect(await tried([], true)).toEqual({ attempts: 1, repeated: false })
  })

  it('that was undone is tried again, also when it may not be carried out twice', async () => {
    expect(await tried(['undone', 'undone'], false)).toEqual({ attempts: 3, repeated: false })
  })

  it('whose answer was lost is tried again only if it may be carried out twice', async () => {
    expect(await tried(['lost'], true)).toEqual({ attempts: 2, repeated: true })
    expect(await tried(['lost'], false)).toEqual({ attempts: 1, error: 'lost' })
    expect(await tried(['lost', 'undone'], true)).toEqual({ attempts: 3, repeated: true })
  })

  it('that the server ended is tried again, also when it may not be carried out later', async () => {
    expect(await tried(['ended'], false)).toEqual({ attempts: 2, repeated: true })
    expect(await tried(['ended', 'lost'], false)).toEqual({ attempts: 2, error: 'lost' })
  })

  it('that fails for good is not tried again', async () => {
    expect(await tried(['final'], true)).toEqual({ attempts: 1, error: 'final' })
    expect(await tried(['undone', 'final'], true)).toEqual({ attempts: 2, error: 'final' })
  })

  it('is given up after four attempts, or when time is up', async () => {
    expect(await tried(['undone', 'undone', 'undone', 'undone', 'undone'], true)).toEqual({
      attempts: 4,
      error: 'undone',
    })
    expect(await tried(['undone', 'undone', 'undone'], true, 20)).toEqual({ attempts: 2, error: 'undone' })
  })
})
