import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import type { ConformanceOptions } from '../../src/testing/index.js'
import { providerConformance } from '../../src/testing/index.js'
import type { Verdict } from './collector.js'
import { collect, sentencesThatAre } from './collector.js'
import { BareProvider } from './subjects/bare-provider.js'
import { ClaimingProvider } from './subjects/false-claims.js'
import { MapServer, MapStorage } from './subjects/map-storage.js'

const core = fileURLToPath(new URL('../..', import.meta.url))
const valid = { describe: () => undefined, it: () => undefined, create: () => new BareProvider() }
const withWrong =
  (options: object): (() => void) =>
  () =>
    providerConformance({ ...valid, ...options } as ConformanceOptions)

let time = Date.now()
const clock = { now: () => time, advance: (milliseconds: number): void => void (time += milliseconds) }
const verdictOn = (verdicts: Verdict[], sentence: string): Verdict | undefined =>
  verdicts.find((verdict) => verdict.sentence === sentence)

describe('the options of the kit', () => {
  it('are refused when unknown, so that a misspelt one skips nothing', () => {
    expect(withWrong({ skipRaces: true })).toThrow(/option skipRaces: expected one of the options describe, it, create/)
  })

  it.each([
    ['create', 1],
    ['describe', undefined],
    ['createSecond', {}],
    ['inProcess', 'yes'],
    ['config', 1],
    ['granularity', -1],
    ['maxIdLength', 11],
    ['rounds', 0],
    ['clock', { now: Date.now }],
    ['dump', 'everything'],
    ['outage', { stop: () => undefined }],
  ])('are refused when wrong: %s', (name, value) => {
    expect(withWrong({ [name]: value })).toThrow(expect.objectContaining({ code: 'SESS_OPTION', option: name }))
  })

  it('are refused when they contradict each other', () => {
    expect(withWrong({ inProcess: true, createSecond: () => new BareProvider() })).toThrow(/createSecond.*inProcess/)
  })
})

describe('the kit', () => {
  it('states no sentence twice', () => {
    const sentences: string[] = []
    providerConformance({ ...valid, describe: (_, body) => body(), it: (sentence) => void sentences.push(sentence) })
    expect(sentences.filter((sentence, i) => sentences.indexOf(sentence) !== i)).toEqual([])
    expect(sentences.length).toBeGreaterThan(150)
  })

  it('fails where a shared store comes without a second handle', async () => {
    const verdicts = await collect({ create: () => new MapStorage(new MapServer(clock.now)), clock, rounds: 1 })
    expect(sentencesThatAre('broken', verdicts)).toEqual([
      'a second handle stands for another process, unless there can be none',
    ])
    expect(verdictOn(verdicts, 'what one instance released, another one reads')).toMatchObject({
      outcome: 'skipped',
      why: 'no createSecond was given',
    })
  })

  it('needs no second handle where neither merge nor gone is claimed', async () => {
    const verdicts = await collect({ create: () => new ClaimingProvider(), clock, rounds: 1 })
    expect(verdicts.filter(({ outcome }) => outcome === 'broken')).toEqual([])
  })

  it('tests of an unclaimed count that it says so, and of unclaimed values those of JSON', async () => {
    const verdicts = await collect({ create: () => new ClaimingProvider(), clock, rounds: 1 })
    expect(sentencesThatAre('kept', verdicts)).toEqual(
      expect.arrayContaining(['count rejects with SESS_UNSUPPORTED where it is not claimed', 'keeps numbers']),
    )
    expect(verdictOn(verdicts, 'keeps a Date')).toMatchObject({
      outcome: 'skipped',
      why: 'the provider does not claim values',
    })
  })

  it('finds a dump in which nothing can be found', async () => {
    const verdicts = await collect({
      create: () => new BareProvider(),
      inProcess: true,
      clock,
      rounds: 1,
      dump: () => '',
    })
    expect(sentencesThatAre('broken', verdicts)).toEqual([
      'a stolen dump holds no token',
      'a stolen dump holds values, labels and messages, and with encryptionKey none of them',
    ])
  })

  it('runs under node:test', () => {
    const folder = transpiledSources()
    try {
      const test = join(folder, 'memory.test.js')
      writeFileSync(test, NODE_TEST)
      const args = ['--test', '--test-reporter=tap', test] // each version has another default
      const env = { ...process.env, NODE_TEST_CONTEXT: undefined }
      const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8', env })
      expect(stdout.split('\n').filter((line) => /^\s*not ok/.test(line))).toEqual([])
      expect(stdout).toMatch(/^# fail 0$/m)
      expect(stdout).toMatch(/^# pass 1\d\d$/m)
      expect(stdout).toMatch(/# SKIP the store lives in one process/)
      expect(status).toBe(0)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

const NODE_TEST = `
import { describe, it } from 'node:test'
import { memory } from './src/index.js'
import { providerConformance } from './src/testing/index.js'

let time = Date.now()
const clock = { now: () => time, advance: (milliseconds) => { time += milliseconds } }
providerConformance({ describe, it, create: () => memory(), inProcess: true, clock })
`

/** The sources as JavaScript, in a place from which the dependencies are found. */
function transpiledSources(): string {
  const parent = join(core, 'node_modules/.tmp')
  mkdirSync(parent, { recursive: true })
  const folder = mkdtempSync(join(parent, 'conformance-'))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true }
  for (const name of readdirSync(join(core, 'src'), { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.ts') || name.includes('.test')) continue
    const target = join(folder, 'src', name.replace(/ts$/, 'js'))
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(
      target,
      ts.transpileModule(readFileSync(join(core, 'src', name), 'utf8'), { compilerOptions }).outputText,
    )
  }
  return folder
}
