import type { UserWorkspaceConfig } from 'vitest/config'

const config: UserWorkspaceConfig = { test: { name: 'provider-template', testTimeout: 30_000 } }

export default config
