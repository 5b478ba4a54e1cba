import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { withLock } from './lock.mjs'

const apt = '/usr/bin/apt-get'

/** Once for each process. @type {Promise<void> | undefined} */
let updated

/** Whether servers may be installed here: by root, on Debian and its kin, unless SERVICES_INSTALL is `never`. */
const canInstall = () =>
  process.getuid?.() === 0 &&
  existsSync(apt) &&
  existsSync('/etc/debian_version') &&
  process.env.SERVICES_INSTALL !== 'never'

/**
 * Installs Debian packages, where that is possible; throws if it fails. No server is started by it, one process at a
 * time does it, and who waited for another one looks first whether it is done.
 * @param {string[]} packages @param {() => boolean} done
 */
export async function install(packages, done) {
  if (!canInstall()) return
  await withLock('install', async () => {
    if (done()) return
    console.error(`Installing ${packages.join(' ')} …`)
    await quietly(async () => {
      // Lists that can't be renewed may still do.
      await (updated ??= aptGet('update').catch(() => {}))
      await aptGet('install', '-y', '--no-install-recommends', ...packages)
    })
  })
}

/** Debian starts servers when it installs them, unless told not to. @param {() => Promise<void>} action */
async function quietly(action) {
  const undo = [
    replace('/etc/postgresql-common/createcluster.conf', (old) => `${old ?? ''}\ncreate_main_cluster = false\n`),
    // One that is there is the machine's own policy: in containers it forbids the start, as ours does.
    replace('/usr/sbin/policy-rc.d', (old) => old ?? '#!/bin/sh\nexit 101\n', 0o755),
  ]
  try {
    await action()
  } finally {
    for (const restore of undo) restore()
  }
}

/** Gives what puts it back. @param {string} file @param {(old?: string) => string} change @param {number} [mode] */
function replace(file, change, mode = 0o644) {
  const old = existsSync(file) ? readFileSync(file, 'utf8') : undefined
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, change(old), { mode })
  return () => (old === undefined ? rmSync(file, { force: true }) : writeFileSync(file, old))
}

/** @param {...string} args @returns {Promise<void>} */
function aptGet(...args) {
  const options = ['-q', '-o', 'DPkg::Lock::Timeout=120', '-o', 'Dpkg::Options::=--force-confold']
  // apt's words are for the log of the tests, not for what a command prints.
  const child = spawn(apt, [...options, ...args], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', UCF_FORCE_CONFFOLD: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve()
      else reject(new Error(`apt-get ${args.join(' ')} failed:\n${output.slice(-2000)}`))
    })
  })
}
