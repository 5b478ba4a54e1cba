import { describe, expect, it } from 'vitest'
import type { Verdict } from './collector.js'
import { collect, sentencesThatAre } from './collector.js'
import { ClaimingProvider, FALSE_CLAIMS, SENSELESS_CLAIMS } from './subjects/false-claims.js'
import { FAULTY_PROVIDERS } from './subjects/faulty-providers.js'
import { FAULTY_STORAGES } from './subjects/faulty-storages.js'
import { MapServer, MapStorage } from './subjects/map-storage.js'

/** A time of its own, so that nothing has to be waited for. */
function testClock(): { now: () => number; advance: (milliseconds: number) => void } {
  let time = Date.now()
  return { now: () => time, advance: (milliseconds) => void (time += milliseconds) }
}

function collectStorage(Storage: typeof MapStorage): Promise<Verdict[]> {
  const clock = testClock()
  const servers: MapServer[] = []
  const setAway = (isAway: boolean): void => servers.forEach((server) => void (server.isAway = isAway))
  return collect({
    create: () => {
      servers.push(new MapServer(clock.now))
      return new Storage(servers.at(-1)!)
    },
    createSecond: (first) => new Storage((first as MapStorage).server),
    clock,
    dump: (subject) => JSON.stringify([...(subject as MapStorage).server.entries]),
    outage: { stop: () => setAway(true), start: () => setAway(false) },
  })
}

/** The sentences that were meant to find the fault did, and it was not simply that nothing works. */
function expectFound(verdicts: Verdict[], expected: string[], breaksMuch = false): void {
  const broken = sentencesThatAre('broken', verdicts)
  expect(verdicts.map(({ sentence }) => sentence)).toEqual(expect.arrayContaining(expected))
  expect(broken).toEqual(expect.arrayContaining(expected))
  expect(sentencesThatAre('kept', verdicts).length).toBeGreaterThan(verdicts.length / (breaksMuch ? 8 : 3))
  if (!breaksMuch) expect(broken.length).toBeLessThan(verdicts.length / 4)
}

describe('the kit finds no fault', () => {
  it('in the storage from which the faulty ones derive', async () => {
    const verdicts = await collectStorage(MapStorage)
    expect(verdicts.filter(({ outcome }) => outcome === 'broken')).toEqual([])
  })
})

describe.concurrent('the kit finds the fault of a storage', () => {
  for (const [Storage, expected, breaksMuch] of FAULTY_STORAGES) {
    it(Storage.name, async () => expectFound(await collectStorage(Storage), expected, breaksMuch))
  }
})

describe.concurrent('the kit finds the fault of a provider', () => {
  for (const [Provider, expected, breaksMuch] of FAULTY_PROVIDERS) {
    it(Provider.name, async () => {
      const clock = testClock()
      expectFound(await collect({ create: () => new Provider(), inProcess: true, clock }), expected, breaksMuch)
    })
  }
})

describe.concurrent('the kit refuses a provider that claims what it does not do', () => {
  const claiming = (claim?: keyof typeof FALSE_CLAIMS): Promise<Verdict[]> =>
    collect({
      create: () => new ClaimingProvider(claim),
      createSecond: (first) => new ClaimingProvider(claim, first as ClaimingProvider),
      clock: testClock(),
    })

  it('and takes it as long as it claims nothing', async () => {
    expect((await claiming()).filter(({ outcome }) => outcome === 'broken')).toEqual([])
  })

  for (const [claim, sentences] of Object.entries(FALSE_CLAIMS)) {
    it(claim, async () => expectFound(await claiming(claim as keyof typeof FALSE_CLAIMS), [...sentences]))
  }

  for (const Provider of SENSELESS_CLAIMS) {
    it(Provider.name, async () => {
      const verdicts = await collect({ create: () => new Provider(), inProcess: true, clock: testClock() })
      expectFound(verdicts, ['capabilities say true or false of what the contract names, and of nothing else'])
    })
  }
})
