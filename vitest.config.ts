import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: [
      'packages/*/vitest.config.ts',
      'examples/demo/vitest.config.ts',
      'tools/vitest.config.ts',
      'tools/packed/vitest.config.ts',
      // One run of the compiler for the tests of types in all packages.
      {
        test: {
          name: 'types',
          include: [],
          typecheck: {
            enabled: true,
            include: ['packages/*/{src,test}/**/*.test-d.ts'],
            tsconfig: 'tools/types/tsconfig.json',
          },
        },
      },
    ],
    maxWorkers: 3, // on two processors: tests that wait for a server or a clock leave a quarter of them idle
  },
})
