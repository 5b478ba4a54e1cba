// npm run docs
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../run/root.mjs'
import { writeApi } from './api.mjs'
import { optionsPage } from './options.mjs'

writeFileSync(join(root, 'docs/options.md'), optionsPage())
process.exitCode = await writeApi()
