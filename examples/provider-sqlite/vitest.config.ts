import type { UserWorkspaceConfig } from 'vitest/config'

const config: UserWorkspaceConfig = { test: { name: 'sess-provider-sqlite', testTimeout: 30_000 } }

export default config
