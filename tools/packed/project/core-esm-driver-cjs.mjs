import { createRequire } from 'node:module'
import * as core from '@sess/core'
import * as fetch from '@sess/core/fetch'
import { visit } from './visit.mjs'

createRequire(import.meta.url)('@sess/provider-ledis')
await visit(core, fetch)
