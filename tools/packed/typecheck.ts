import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Outside } from './outside.js'

type File = `${'alone' | 'drivers' | 'frameworks'}${'.ts' | '.mts' | '.cts'}`

/**
 * Checks programs of `project/types`, as the kind of module that the extension says; rejects with the errors.
 * @param flags further ones for tsc
 */
export async function typecheck(
  outside: Outside,
  compiler: string,
  resolution: 'node16' | 'bundler',
  files: readonly File[],
  flags: readonly string[] = [],
): Promise<void> {
  const module = resolution === 'bundler' ? 'esnext' : 'node16'
  const settings = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--target', 'es2022', '--types', 'node']
  const types = join(outside.folder, 'types')
  for (const file of files) {
    if (!file.endsWith('.ts')) copyFileSync(join(types, file.replace(/[mc]ts$/, 'ts')), join(types, file))
  }
  const paths = files.map((file) => join('types', file))
  await outside.node(compiler, ...settings, '--module', module, '--moduleResolution', resolution, ...flags, ...paths)
}
