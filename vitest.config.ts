import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: [
      'packages/*/vitest.config.ts',
      'examples/demo/vitest.config.ts',
      'tools/vitest.config.ts',
      'tools/packed/vitest.config.ts',
    ],
    maxWorkers: 2,
  },
})
