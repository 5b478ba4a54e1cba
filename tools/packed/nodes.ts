/** The Node versions that are supported, as the registry's package `node` brings them. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { inCI } from '../services/missing.mjs'

export const MAJORS = [20, 22, 24, 26] as const

const execute = promisify(execFile)

/**
 * The program of a Node of this major: this process's own, or the registry's. One that can't be had is an error if CI
 * is set, else a notice and `undefined`.
 */
export async function findNode(major: number): Promise<string | undefined> {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath
  try {
    const args = ['-y', '--prefer-offline', '-p', `node@${major}`, 'node', '-p', 'process.execPath']
    const { stdout } = await execute('npx', args)
    return stdout.trim()
  } catch (error) {
    if (inCI()) throw error
    console.warn(`\nSKIPPED, not tested: no Node ${major}, since npx could not bring it (${String(error)})\n`)
    return undefined
  }
}
