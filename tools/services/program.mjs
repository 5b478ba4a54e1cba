import { spawn } from 'node:child_process'
import { accessSync, constants, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { account } from './account.mjs'
import { guard } from './guard.mjs'

/**
 * Where each program lies; undefined unless all are there.
 * @param {Record<string, string[]>} programs @param {string[]} [folders] beside PATH; `*` stands for any one name
 */
export function findPrograms(programs, folders = []) {
  const places = [...(process.env.PATH ?? '').split(delimiter).filter(Boolean), ...folders.flatMap(expand)]
  /** @type {Record<string, string>} */
  const found = {}
  for (const [role, names] of Object.entries(programs)) {
    const path = names.flatMap((name) => places.map((place) => join(place, name))).find(isExecutable)
    if (!path) return undefined
    found[role] = path
  }
  return found
}

/** The highest version first. @param {string} folder @returns {string[]} */
function expand(folder) {
  const [before = '', after] = folder.split('*')
  if (after === undefined) return [folder]
  try {
    const names = readdirSync(before).sort((a, b) => Number(b) - Number(a))
    return names.map((name) => before + name + after)
  } catch {
    return []
  }
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Nothing of this process's environment that a server could take for a setting of its own. @param {string} folder */
export const serverEnv = (folder) => ({ PATH: process.env.PATH, HOME: folder, TMPDIR: folder, LC_ALL: 'C' })

/**
 * Runs a program to its end, as the servers' user, and gives what it wrote.
 * @param {string} program
 * @param {string[]} args
 * @param {{ folder: string, env?: Record<string, string>, seconds?: number }} options
 * @returns {Promise<string>}
 */
export function runProgram(program, args, { folder, env = {}, seconds = 60 }) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      ...account(),
      cwd: folder,
      env: { ...serverEnv(folder), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: seconds * 1000,
      killSignal: 'SIGKILL',
    })
    const { pid } = child
    if (pid !== undefined) guard({ type: 'started', pid, signal: 'SIGKILL' })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
    child.on('error', reject)
    child.on('close', (code) => {
      if (pid !== undefined) guard({ type: 'ended', pid })
      if (code === 0) resolve(output)
      else reject(new Error(`${program} failed (${code ?? 'killed'}):\n${output.slice(-2000)}`))
    })
  })
}
