/**
 * What only Node has, taken when it is first used: so the entries for other runtimes load where there is no Node.
 * @module
 */
import type nodeCrypto from 'node:crypto'
import type nodeDiagnostics from 'node:diagnostics_channel'
import type nodeFs from 'node:fs'
import type nodeNet from 'node:net'
import { SessionError } from './errors.js'

/** The modules of Node that core needs. */
export interface Builtins {
  crypto: typeof nodeCrypto
  diagnostics_channel: typeof nodeDiagnostics
  fs: typeof nodeFs
  net: typeof nodeNet
}

const provided: { [K in keyof Builtins]?: Builtins[K] | undefined } = {}

/** Says where the modules are; `on-node.ts` does it for all entries that are for Node alone. */
export function provideBuiltins(builtins: Builtins): void {
  Object.assign(provided, builtins)
}

/** A module of Node, or `undefined` in a runtime that has none. `getBuiltinModule` is younger than Node 20.0. */
export function findBuiltin<K extends keyof Builtins>(name: K): Builtins[K] | undefined {
  return (provided[name] ??= globalThis.process?.getBuiltinModule?.(`node:${name}`) as Builtins[K] | undefined)
}

/**
 * A module of Node.
 * @throws {SessionError} `SESS_UNSUPPORTED` in a runtime that has none
 */
export function builtin<K extends keyof Builtins>(name: K): Builtins[K] {
  const found = findBuiltin(name)
  if (found) return found
  const message = `expected a runtime with node:${name}; on Node before 20.16, import '@sess/core' first`
  throw new SessionError('SESS_UNSUPPORTED', message)
}

/** Tells whoever runs the process what no request can be told of: as Node's own warnings where there are such. */
export function warn(error: Error): void {
  if (globalThis.process?.emitWarning) globalThis.process.emitWarning(error)
  else console.warn(error)
}
