// Run after the build. An application augments `SessionData` of '@sess/core', and the compiler takes that for a mistake
// unless the declarations of '@sess/core' are in the program: those of each entry bring them along.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const inPackage = (path) => fileURLToPath(new URL(path, import.meta.url))
const { exports: entries } = JSON.parse(readFileSync(inPackage('./package.json'), 'utf8'))

for (const [name, { import: esm, require: cjs }] of Object.entries(entries)) {
  if (name === '.' || name === './package.json') continue
  for (const { types } of [esm, cjs]) {
    const index = types.endsWith('.cts') ? './index.d.cts' : './index.d.ts'
    writeFileSync(inPackage(types), `/// <reference path="${index}" />\n${readFileSync(inPackage(types), 'utf8')}`)
  }
}
