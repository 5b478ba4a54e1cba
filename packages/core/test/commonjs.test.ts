import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type * as Core from '../src/index.js'

const core = fileURLToPath(new URL('..', import.meta.url))

describe('what is built as CommonJS', () => {
  it.each(['@sess/core', '@sess/core/express'])('serves sessions over HTTP: %s', (entry) => {
    const folder = mkdtempSync(join(tmpdir(), 'sess-commonjs-'))
    mkdirSync(join(folder, 'node_modules/@sess'), { recursive: true })
    symlinkSync(core, join(folder, 'node_modules/@sess/core'))
    const code = `
      const { createServer } = require('node:http')
      const { sessioner } = require('${entry}')
      const sessions = sessioner()
      const server = createServer((req, res) => {
        sessions(req, res, () => {
          const visits = (req.session.get('visits') ?? 0) + 1
          req.session.set('visits', visits)
          res.end(String(visits))
        })
      })
      server.listen(0, '127.0.0.1', async () => {
        const url = 'http://127.0.0.1:' + server.address().port
        const first = await fetch(url)
        const cookie = first.headers.getSetCookie()[0].split(';')[0]
        const second = await fetch(url, { headers: { cookie } })
        console.log(await first.text(), await second.text())
        server.close()
        await sessions.close()
      })`
    expect(execFileSync(process.execPath, ['-e', code], { cwd: folder, encoding: 'utf8' })).toBe('1 2\n')
    rmSync(folder, { recursive: true })
  })

  it('has errors whose classes have their names, which loggers show', () => {
    const { SessionError, OptionError } = createRequire(import.meta.url)(join(core, 'dist/index.cjs')) as typeof Core
    expect([SessionError.name, OptionError.name]).toEqual(['SessionError', 'OptionError'])
  })

  it('assigns its exports once: a private field of the name of one is taken for it by the compiler', () => {
    const packages = join(core, '..')
    for (const name of readdirSync(packages)) {
      const dist = join(packages, name, 'dist')
      const files = existsSync(dist) ? readdirSync(dist).filter((file) => file.endsWith('.cjs')) : []
      for (const file of files) {
        const again = /^.*#\w+ = exports\.\w+ = .*$/m.exec(readFileSync(join(dist, file), 'utf8'))?.[0]
        expect(again, `${name}/dist/${file}`).toBe(undefined)
      }
    }
  })
})
