/** The documentation is true: its snippets compile and run, its lists are the code's. Its links: tools/docs. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { afterAll, describe, expect, it } from 'vitest'
import { ERROR_CODES, OptionError, SessionError } from '../src/index.js'
import { OPTION_NAMES } from '../src/option-checks.js'
import { send } from './support/server.js'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const core = join(root, 'packages/core')
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  ...inFolder('docs'),
  ...inFolder('decisions'),
  ...readdirSync(join(root, 'packages')).map((name) => `packages/${name}/README.md`),
].filter((page) => existsSync(join(root, page)))
/** Those that show express-session too, whose types declare another `req.session`. */
const withExpressSession = (code: string): boolean => code.includes("'express-session'")
/** Below node_modules, where it finds what core was installed with. */
const folder = mkdtempSync(join(core, 'node_modules/.docs-'))
afterAll(() => rmSync(folder, { recursive: true }))

function inFolder(name: string): string[] {
  return readdirSync(join(root, name))
    .filter((file) => file.endsWith('.md'))
    .map((file) => join(name, file))
}

const read = (page: string): string => readFileSync(join(root, page), 'utf8')

function snippets(page: string, language: string): string[] {
  return Array.from(read(page).matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms')), (match) => match[1]!)
}

describe('snippets', () => {
  // Those of docs/writing-a-provider.md build on one another: see conformance/.
  const typescript = pages
    .filter((page) => !page.includes('writing-a-provider'))
    .flatMap((page) => snippets(page, 'ts'))

  it('say their language by a name that these tests know', () => {
    const known = ['ts', 'js', 'html', 'json', 'sql', 'sh']
    for (const page of pages) {
      const fences = Array.from(read(page).matchAll(/^```(.*)$/gm), (match) => match[1]!)
      const opening = fences.filter((language, n) => n % 2 === 0 && language !== '')
      expect([page, opening.filter((language) => !known.includes(language))]).toEqual([page, []])
    }
  })

  it('in TypeScript compile, strictly', () => {
    const codes = typescript.filter((code) => !withExpressSession(code))
    expect(codes.length).toBeGreaterThan(25)
    expect(problems(codes, 'ts')).toEqual([])
  })

  it('in TypeScript beside express-session compile, strictly', () => {
    const codes = typescript.filter(withExpressSession)
    expect(codes.length).toBeGreaterThan(1)
    expect(problems(codes, 'ts')).toEqual([])
  })

  it('in JavaScript are JavaScript, and import what there is', () => {
    const codes = pages.flatMap((page) => snippets(page, 'js'))
    expect(codes.length).toBeGreaterThan(10)
    expect(problems(codes, 'mjs')).toEqual([])
  })

  /** What the compiler says. Of JavaScript, which may be a fragment: its syntax, and names that a package doesn't export. */
  function problems(codes: string[], extension: 'ts' | 'mjs'): string[] {
    const files = codes.map((code, n) => {
      const file = join(folder, `snippet-${n}.${extension}`)
      writeFileSync(file, code)
      return file
    })
    const types = join(root, 'packages/express-store/node_modules/@types/express-session/index.d.ts')
    const program = ts.createProgram(files, {
      module: ts.ModuleKind.NodeNext,
      target: ts.ScriptTarget.ES2022,
      strict: true,
      noEmit: true,
      skipLibCheck: true, // the packages' own type check doesn't
      allowJs: true,
      checkJs: true,
      types: ['node'],
      typeRoots: [join(core, 'node_modules/@types')],
      experimentalDecorators: true,
      paths: {
        '@sess/core': [join(core, 'dist/index.d.ts')],
        '@sess/core/*': [join(core, 'dist/*.d.ts')],
        '@sess/*': [join(root, 'packages/*/dist/index.d.ts')],
        'express-session': [types],
      },
    })
    const isAboutImports = ({ code, messageText }: ts.Diagnostic): boolean =>
      [2305, 2307, 2614, 2724].includes(code) && !ts.flattenDiagnosticMessageText(messageText, '').includes("'.")
    const found =
      extension === 'ts'
        ? ts.getPreEmitDiagnostics(program)
        : [...program.getSyntacticDiagnostics(), ...program.getSemanticDiagnostics().filter(isAboutImports)]
    return found.map(({ file, messageText }) => {
      const code = file?.text.slice(0, 200) ?? ''
      return `${ts.flattenDiagnosticMessageText(messageText, '\n')}\n${code}`
    })
  }

  it("the README's first one runs, and sends the Set-Cookie that stands below it", async () => {
    const [code] = snippets('README.md', 'js')
    writeFileSync(join(folder, 'server.mjs'), withOwnPort(code!))
    const child = spawn(process.execPath, ['server.mjs'], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] })
    try {
      const [chunk] = (await once(child.stdout, 'data')) as [Buffer]
      const port = Number(chunk.toString())
      const first = await send({ port, agent: false })
      expect(first).toMatchObject({ status: 200, body: 'Visit number 1' })
      const shown = /^Set-Cookie: (.*)$/m.exec(read('README.md'))![1]!
      const shape = (cookie: string): string => cookie.replace(/=[\w-]{32};/, '=TOKEN;')
      expect(first.setCookie.map(shape)).toEqual([shape(shown)])
      const second = await send({ port, agent: false, headers: { cookie: first.setCookie[0]!.split(';')[0]! } })
      expect(second).toMatchObject({ body: 'Visit number 2', setCookie: [] })
    } finally {
      child.kill()
    }
  })

  /** The same code with a free port that it tells, and the package as it was built. */
  function withOwnPort(code: string): string {
    expect(code).toContain('app.listen(3000)')
    return code
      .replace('app.listen(3000)', 'const server = app.listen(0, () => console.log(server.address().port))')
      .replace("'@sess/core'", JSON.stringify(join(core, 'dist/index.js')))
  }
})

describe('docs/errors.md', () => {
  it('has one heading for each code, and no other', () => {
    const headings = Array.from(read('docs/errors.md').matchAll(/^## (\S+)$/gm), (match) => match[1])
    expect(new Set(headings)).toEqual(new Set(ERROR_CODES))
    expect(headings).toHaveLength(ERROR_CODES.length)
  })

  it('begins with a table of them, with the class and the status that the code has', () => {
    const row = /^\| \[`(\w+)`\]\(#(\w+)\) \| `(\w+)` \| (\d*) \|/gm
    const rows = Array.from(read('docs/errors.md').matchAll(row), ([, ...cells]) => cells)
    const expected = ERROR_CODES.map((code) => {
      const isOption = code === new OptionError('', '', '').code
      const status = isOption ? '' : String(new SessionError(code, '').status)
      return [code, code.toLowerCase(), isOption ? 'OptionError' : 'SessionError', status]
    })
    expect(rows).toEqual(expected)
  })

  it('lists what is thrown, and nothing else: each code stands in a source besides its definition', () => {
    const sources = readdirSync(join(root, 'packages')).flatMap((name) => {
      const folder = join('packages', name, 'src')
      const files = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      return files.filter((file) => /(?<!\.test(-d)?)\.ts$/.test(file)).map((file) => join(folder, file))
    })
    const text = sources
      .filter((file) => !file.endsWith('core/src/errors.ts'))
      .map(read)
      .join('\n')
    const used = new Set(Array.from(text.matchAll(/'(SESS_[A-Z_]+)'/g), ([, code]) => code))
    if (text.includes('new OptionError(')) used.add('SESS_OPTION')
    expect(used).toEqual(new Set(ERROR_CODES))
  })

  it('gives cause and cure of each', () => {
    for (const part of read('docs/errors.md').split(/^## /m).slice(1))
      expect(part).toMatch(/\*\*Cause\*\* .*\*\*Cure\*\* /s)
  })
})

describe('README.md', () => {
  it('lists every option', () => {
    const table = read('README.md').split('## Options')[1]!.split('\n## ')[0]!
    for (const name of OPTION_NAMES) expect(table).toContain(`\`${name}\``)
  })
})
