import type { UserWorkspaceConfig } from 'vitest/config'

const config: UserWorkspaceConfig = {
  test: {
    name: 'tools',
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 30_000,
    include: ['**/*.test.{mjs,ts}'],
    // A project of its own.
    exclude: ['packed/**'],
  },
}

export default config
