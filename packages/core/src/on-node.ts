/**
 * What an entry that is for Node alone brings along: Node's modules, imported as usual, and the provider `file`.
 * @module
 */
import crypto from 'node:crypto'
import diagnostics from 'node:diagnostics_channel'
import fs from 'node:fs'
import net from 'node:net'
import { provideBuiltins } from './builtin.js'
import { file } from './providers/file.js'
import { registerProvider } from './registry.js'

provideBuiltins({ crypto, diagnostics_channel: diagnostics, fs, net })
registerProvider('file', file, '@sess/core')
