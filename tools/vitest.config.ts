import type { UserWorkspaceConfig } from 'vitest/config'

const config: UserWorkspaceConfig = {
  test: {
    name: 'tools',
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 30_000,
    include: ['**/*.test.{mjs,ts}'],
    // What is in packed/ is a project of its own.
    exclude: ['**/node_modules/**', 'packed/**'],
  },
}

export default config
