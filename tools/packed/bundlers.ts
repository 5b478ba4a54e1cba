/** @sess itself is bundled; what its drivers depend on is not, since some of it is native. */
import { nodeResolve } from '@rollup/plugin-node-resolve'
import { build } from 'esbuild'
import { rollup } from 'rollup'

export async function bundleByEsbuild(entry: string, outfile: string): Promise<void> {
  const ours = /^(@sess\/|\.|\/)/
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
    plugins: [
      {
        name: 'dependencies-outside',
        setup: (on) => on.onResolve({ filter: /.*/ }, ({ path }) => (ours.test(path) ? undefined : { external: true })),
      },
    ],
  })
}

export async function bundleByRollup(entry: string, outfile: string): Promise<void> {
  const external = (id: string): boolean => !/^(@sess\/|\.|\/)/.test(id)
  const bundle = await rollup({ input: entry, external, plugins: [nodeResolve({ exportConditions: ['node'] })] })
  await bundle.write({ file: outfile, format: 'esm' })
  await bundle.close()
}
