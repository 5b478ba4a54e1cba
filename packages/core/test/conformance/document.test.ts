import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import type { Provider, Storage } from '../../src/index.js'
import { providerConformance } from '../../src/testing/index.js'

const core = fileURLToPath(new URL('../..', import.meta.url))
const document = readFileSync(join(core, '../../docs/writing-a-provider.md'), 'utf8')

/** File name, as the first line of each snippet says, and text. */
const snippets = new Map(
  Array.from(document.matchAll(/```ts\n\/\/ (\S+)\n(.*?)```/gs), ([, name, text]) => [name!, text!]),
)

/** Compiles the snippets as if they lay side by side in the package, against its sources. */
function errorsOf(files: ReadonlyMap<string, string>): string[] {
  const folder = join(core, 'test/snippets')
  const config = ts.readConfigFile(join(core, '../../tsconfig.base.json'), (path) => ts.sys.readFile(path)).config as {
    compilerOptions: object
  }
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, core)
  const paths = {
    '@sess/core': [join(core, 'src/index.ts')],
    '@sess/core/testing': [join(core, 'src/testing/index.ts')],
  }
  // An application is not held to writing the type of each export.
  const settings: ts.CompilerOptions = { ...options, paths, isolatedDeclarations: false, declaration: false }
  const host = ts.createCompilerHost(settings)
  const virtual = new Map(Array.from(files, ([name, text]) => [join(folder, name), text]))
  const disk = { ...host }
  host.fileExists = (path) => virtual.has(path) || disk.fileExists(path)
  host.readFile = (path) => virtual.get(path) ?? disk.readFile(path)
  host.getSourceFile = (path, version, ...rest) => {
    const text = virtual.get(path)
    return text === undefined ? disk.getSourceFile(path, version, ...rest) : ts.createSourceFile(path, text, version)
  }
  host.directoryExists = (path) => path === folder || ts.sys.directoryExists(path)
  const program = ts.createProgram([...virtual.keys()], settings, host)
  return ts.getPreEmitDiagnostics(program).map(({ file, messageText }) => {
    return `${file?.fileName ?? ''}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
  })
}

describe('docs/writing-a-provider.md', () => {
  it('names the file of each snippet', () => {
    expect(snippets.size).toBe(document.match(/^```ts$/gm)?.length)
    expect(snippets.size).toBeGreaterThan(4)
  })

  it('opens with a complete provider', () => {
    expect([...snippets.keys()][0]).toBe('provider.ts')
    expect(document.indexOf('```ts')).toBeLessThan(700)
  })

  it('has snippets that compile', () => {
    expect(errorsOf(snippets)).toEqual([])
  })

  it('would notice one that does not', () => {
    expect(errorsOf(new Map([['wrong.ts', 'export const n: string = 1\n']]))).toHaveLength(1)
  })

  it('lists every option of the kit', () => {
    const source = readFileSync(join(core, 'src/testing/options.ts'), 'utf8')
    const body = /export interface ConformanceOptions \{(.*?)\n\}/s.exec(source)![1]!
    const names = Array.from(body.matchAll(/^ {2}(\w+)\??:/gm), ([, name]) => name!)
    expect(names.length).toBeGreaterThan(8)
    for (const name of names) expect(document).toContain(`\`${name}\``)
  })
})

interface Example {
  ExampleStorage: new (now?: () => number) => Storage
  example: () => Provider
}

const folder = mkdtempSync(join(tmpdir(), 'sess-document-'))
writeFileSync(join(folder, 'provider.ts'), snippets.get('provider.ts')!)
const { ExampleStorage, example } = (await import(join(folder, 'provider.ts'))) as Example
rmSync(folder, { recursive: true })

describe('the provider with which the document opens', () => {
  let time = Date.now()
  const clock = { now: () => time, advance: (milliseconds: number): void => void (time += milliseconds) }

  describe('as a storage', () => {
    providerConformance({ describe, it, create: () => new ExampleStorage(clock.now), inProcess: true, clock })
  })

  describe('as a provider', () => {
    providerConformance({ describe, it, create: example, inProcess: true, clock })
  })
})
