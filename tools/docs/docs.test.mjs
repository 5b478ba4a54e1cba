/** The pages in docs/: what is generated is up to date, every export is documented, links lead somewhere. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from '../run/root.mjs'
import { readSources } from './api.mjs'
import { anchors, brokenLinks, pages } from './links.mjs'
import { optionsPage } from './options.mjs'

it('docs/options.md is what the docstrings say; else run npm run docs', () => {
  expect(readFileSync(join(root, 'docs/options.md'), 'utf8')).toBe(optionsPage())
})

it('every exported thing has a docstring, and the API reference can be made', async () => {
  const { project, warnings } = await readSources()
  expect(warnings).toEqual([])
  expect(project?.children?.length).toBeGreaterThan(10)
}, 120_000)

describe('links', () => {
  it('are looked for in all pages', () => {
    expect(pages()).toEqual(expect.arrayContaining(['README.md', 'docs/errors.md', 'packages/core/README.md']))
  })

  it('know the anchors of headings', () => {
    expect(anchors('# One\n## `two()` and *three*\n## One\n```\n# no\n```\n')).toEqual([
      'one',
      'two-and-three',
      'one-1',
    ])
  })

  it.each(pages())('of %s lead to a page and a heading that are there', (page) => {
    expect(brokenLinks(page)).toEqual([])
  })
})

it('the README links every page in docs', () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  const missing = pages(join(root, 'docs')).filter((page) => !readme.includes(`(${page})`))
  expect(missing).toEqual([])
})
