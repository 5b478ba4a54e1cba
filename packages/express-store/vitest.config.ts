import type { UserWorkspaceConfig } from 'vitest/config'
import { project } from '../../tools/vitest-project.js'

const config: UserWorkspaceConfig = project('express-store')

export default config
