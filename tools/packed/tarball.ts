import { execFileSync } from 'node:child_process'
import type { Manifest } from '../release/packages.mjs'

/** The files of a package, relative to it. */
export function pathsOf(tarball: string): string[] {
  const lines = execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' }).trim().split('\n')
  return lines.map((line) => line.replace(/^package\//, ''))
}

/** The package.json as it is published. */
export function manifestOf(tarball: string): Manifest {
  return JSON.parse(execFileSync('tar', ['-xzOf', tarball, 'package/package.json'], { encoding: 'utf8' })) as Manifest
}
