/** The provider of somebody else, who has nothing of this workspace: examples/provider-sqlite with core as npm installs it. */
import { fileURLToPath } from 'node:url'
import { afterAll, expect, inject, it } from 'vitest'
import { findNode } from './nodes.js'
import { Outside } from './outside.js'

const core = inject('tarballs').find(({ name }) => name === '@sess/core')!
const example = new Outside(fileURLToPath(new URL('../../examples/provider-sqlite', import.meta.url)))
afterAll(() => example.remove())
// Node 20 has no node:sqlite.
const [node] = await Promise.all([findNode(22), example.install([core.file])])

it.skipIf(!node)(
  'examples/provider-sqlite compiles, builds, and passes the kit',
  async () => {
    const output = await example.run('npm', ['test'], node)
    expect(output).toMatch(/Tests .*1\d\d passed/)
    expect(output).not.toMatch(/failed/)
  },
  180_000,
)
