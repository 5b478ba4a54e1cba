/** An application's folder outside the workspace, and the programs that run there. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'

const execute = promisify(execFile)

export interface Server {
  readonly url: string
  stop(): void
}

export class Outside {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'sess-outside-'))

  /** @param files the folder that holds what the application consists of */
  constructor(files: string) {
    const isOwn = (path: string): boolean => !['node_modules', 'dist'].includes(basename(path))
    cpSync(files, this.folder, { recursive: true, filter: isOwn })
  }

  /** Installs what package.json names, and these tarballs, as `npm install` does it for everybody. */
  async install(tarballs: readonly string[]): Promise<void> {
    await this.run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', ...tarballs])
  }

  /**
   * What a program printed; rejects with all of its output if it failed.
   * @param node the Node on which it and what it starts run, instead of this process's own
   */
  async run(command: string, args: readonly string[], node: string = process.execPath): Promise<string> {
    const env = environment()
    env['PATH'] = dirname(node) + delimiter + env['PATH']
    try {
      const { stdout } = await execute(command, args, { cwd: this.folder, env, maxBuffer: 16_000_000 })
      return stdout.trim()
    } catch (error) {
      const { stdout, stderr } = error as { stdout: string; stderr: string }
      throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}${stderr}`)
    }
  }

  node(...args: readonly string[]): Promise<string> {
    return this.run(process.execPath, args)
  }

  /** A server that prints its port first: see project/on-free-port.mjs. */
  async serve(node: string, script: string): Promise<Server> {
    const args = ['--import', './on-free-port.mjs', script]
    const child = spawn(node, args, { cwd: this.folder, env: environment(), stdio: ['ignore', 'pipe', 'inherit'] })
    const ended = once(child, 'exit').then(([code]) => Promise.reject(new Error(`${script} ended with ${code}`)))
    const [port] = (await Promise.race([once(child.stdout, 'data'), ended])) as [Buffer]
    ended.catch(() => undefined) // from here on, its end is ours
    return { url: `http://127.0.0.1:${port.toString().trim()}/`, stop: () => child.kill() }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true })
  }
}

/** What the runner of these tests sets for itself is none of an application's. */
function environment(): NodeJS.ProcessEnv {
  const own = /^(NODE_|VITEST|npm_package_|npm_lifecycle_|TEST$)/
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !own.test(name)))
}
