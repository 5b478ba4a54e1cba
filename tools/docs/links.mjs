// The links of a Markdown page, and the anchors that GitHub gives its headings.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import GithubSlugger from 'github-slugger'
import { root } from '../run/root.mjs'

/** Not ours, or written by a tool. */
const LEFT_OUT = new Set(['node_modules', 'dist', '.git', '.turbo', 'coverage', 'data', 'api'])

/** Every page of the repository, relative to its root. */
export function pages(folder = root) {
  /** @type {string[]} */
  const found = []
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory() && !LEFT_OUT.has(entry.name)) found.push(...pages(path))
    else if (entry.name.endsWith('.md')) found.push(relative(root, path))
  }
  return found
}

/** The links of a page that lead nowhere: to a file that is not there, or a heading that its page doesn't have. @param {string} page */
export function brokenLinks(page) {
  const text = withoutCode(readFileSync(join(root, page), 'utf8'))
  const targets = Array.from(text.matchAll(/\]\(([^)\s]+)\)/g), ([, target]) => String(target))
  return targets.filter((target) => !/^[a-z]+:/.test(target) && !leadsSomewhere(page, target))
}

/** @param {string} page @param {string} target */
function leadsSomewhere(page, target) {
  const [path = '', anchor] = target.split('#')
  const file = path === '' ? join(root, page) : join(root, dirname(page), path)
  if (!existsSync(file)) return false
  if (anchor === undefined) return true
  return statSync(file).isFile() && anchors(readFileSync(file, 'utf8')).includes(anchor)
}

/** @param {string} text */
export function anchors(text) {
  const slugger = new GithubSlugger()
  return Array.from(withoutCode(text).matchAll(/^#{1,6} (.+)$/gm), ([, heading]) =>
    slugger.slug(plain(String(heading))),
  )
}

/** A heading's text without its marks. @param {string} heading */
const plain = (heading) => heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/[`*]/g, '')

/** @param {string} text */
const withoutCode = (text) => text.replace(/^```.*?^```/gms, '')
