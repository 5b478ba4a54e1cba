import { fileURLToPath } from 'node:url'
import type { UserWorkspaceConfig } from 'vitest/config'
import core from '../packages/core/tsup.config.js'

const packages = fileURLToPath(new URL('../packages', import.meta.url))

const coreAliases = Object.entries(core.entry).map(([name, source]) => ({
  find: new RegExp(`^@sess/core${name === 'index' ? '' : `/${name}`}$`),
  replacement: `${packages}/core/${source}`,
}))

/** The settings every vitest project shares. Tests see the sources of all @sess packages, never a dist that may be old. */
export const project = (name: string): UserWorkspaceConfig => ({
  resolve: {
    alias: [...coreAliases, { find: /^@sess\/([^/]+)$/, replacement: `${packages}/$1/src/index.ts` }],
  },
  test: {
    name,
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 30_000,
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
  },
})
