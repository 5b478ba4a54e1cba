import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, it, vi } from 'vitest'
import { file, memory } from '../../src/index.js'
import { MemoryStorage } from '../../src/providers/memory.js'
import { providerConformance } from '../../src/testing/index.js'
import { BareProvider } from './subjects/bare-provider.js'
import { MapServer, MapStorage } from './subjects/map-storage.js'
import { WholeSecondStorage } from './subjects/whole-second-storage.js'

describe('memory', () => {
  // What the memory holds is what was saved: a heap can't be read.
  const save = vi.spyOn(MemoryStorage.prototype, 'save')
  const rename = vi.spyOn(MemoryStorage.prototype, 'rename')
  afterAll(() => vi.restoreAllMocks())
  const dump = (): string => JSON.stringify([...save.mock.calls, ...rename.mock.calls])
  providerConformance({ describe, it, create: () => memory(), inProcess: true, dump })
})

describe('file, in two processes', () => {
  const root = mkdtempSync(join(tmpdir(), 'sess-conformance-'))
  afterAll(() => rmSync(root, { recursive: true }))
  const paths = new Map<unknown, string>()
  providerConformance({
    describe,
    it,
    create: () => {
      const path = join(root, String(paths.size))
      const provider = file({ path })
      paths.set(provider, path)
      return provider
    },
    createSecond: (first) => file({ path: paths.get(first)! }),
    dump: (subject) => contentsOf(paths.get(subject)!),
  })
})

/** Names and contents. */
function contentsOf(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, path, name }) => name + readFileSync(join(parentPath ?? path, name), 'latin1'))
    .join()
}

describe('a storage that takes its time from us, and can be away', () => {
  let time = Date.now()
  let latest: MapServer[] = []
  const create = (): MapStorage => {
    const server = new MapServer(() => time)
    latest.push(server)
    return new MapStorage(server)
  }
  const setAway = (isAway: boolean): void => {
    for (const server of latest) server.isAway = isAway
    if (!isAway) latest = []
  }
  providerConformance({
    describe,
    it,
    create,
    createSecond: (first) => new MapStorage((first as MapStorage).server),
    dump: (subject) => JSON.stringify([...(subject as MapStorage).server.entries]),
    clock: { now: () => time, advance: (milliseconds) => void (time += milliseconds) },
    outage: { stop: () => setAway(true), start: () => setAway(false) },
  })
})

describe('a storage of whole seconds that makes the versions', () => {
  providerConformance({
    describe,
    it,
    create: () => new WholeSecondStorage(),
    createSecond: (first) => (first as WholeSecondStorage).another(),
    granularity: 1,
  })
})

describe('a storage in this process that holds it up, as an embedded one does on a slow disk', () => {
  class BlockingStorage extends MapStorage {
    override async save(...given: Parameters<MapStorage['save']>): ReturnType<MapStorage['save']> {
      const end = performance.now() + 6
      while (performance.now() < end);
      return super.save(...given)
    }
  }
  function create(): BlockingStorage {
    const server = new MapServer()
    server.reached = async () => undefined
    return new BlockingStorage(server)
  }
  function ofExpiry(title: string, body: () => void): void {
    if (title === 'storage: expiry') body()
  }
  providerConformance({ describe: ofExpiry, it, create, inProcess: true })
})

describe('a provider written against Provider and RawStore alone', () => {
  const dump = (subject: unknown): string =>
    JSON.stringify(Array.from((subject as BareProvider).entries, ([id, { texts }]) => [id, ...texts]))
  providerConformance({ describe, it, create: () => new BareProvider(), inProcess: true, dump })
})
