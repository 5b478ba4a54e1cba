/** What docs/writing-a-provider.md says, done: the template copied out of the workspace becomes a package. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, inject, it } from 'vitest'
import { Outside } from './outside.js'
import { pathsOf } from './tarball.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const core = inject('tarballs').find(({ name }) => name === '@sess/core')!
const copy = new Outside(join(root, 'packages/provider-template'))
afterAll(() => copy.remove())

it('the copied template, renamed, passes its tests and packs what an application can use', async () => {
  const guide = readFileSync(join(root, 'docs/writing-a-provider.md'), 'utf8')
  expect(guide).toContain('\nnode rename.mjs acme\nnpm install\nnpm test\n')
  await copy.node('rename.mjs', 'acme')
  await copy.install([core.file])
  expect(await copy.run('npm', ['test'])).toMatch(/Tests .*1\d\d passed/)

  await copy.run('npm', ['pack', '--ignore-scripts'])
  const paths = pathsOf(join(copy.folder, 'sess-provider-acme-0.1.0.tgz'))
  expect(paths.filter((path) => !path.startsWith('dist/')).sort()).toEqual([
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'package.json',
  ])
  // The package finds itself by its own name.
  const use =
    "import { createManager } from '@sess/core'; import 'sess-provider-acme'; createManager({ provider: 'acme' })"
  await copy.node('--input-type=module', '-e', use)
  const text = ['README.md', 'CHANGELOG.md', 'package.json', 'src/index.ts', 'test/options.test.ts']
  for (const file of text) expect(readFileSync(join(copy.folder, file), 'utf8')).not.toMatch(/template/i)
}, 180_000)
