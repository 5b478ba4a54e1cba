import { fileURLToPath } from 'node:url'
import type { UserWorkspaceConfig } from 'vitest/config'

const config: UserWorkspaceConfig = {
  test: {
    // `npm test -- packed` finds them by their path.
    dir: fileURLToPath(new URL('..', import.meta.url)),
    name: 'packed',
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    globalSetup: fileURLToPath(new URL('tarballs.ts', import.meta.url)),
    include: ['packed/**/*.test.ts'],
  },
}

export default config
