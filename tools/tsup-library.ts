/** What we set of tsup's options. */
export interface Library {
  entry: Record<string, string>
  format: ('esm' | 'cjs')[]
  splitting: boolean
  dts: boolean
  sourcemap: boolean
  target: string
  clean: boolean
  /** `import.meta.url` in CommonJS too. */
  shims?: boolean
}

/**
 * How every package is built: ES modules and CommonJS, each with types of its own.
 * @param entry the name of each file in dist, and its source
 */
export const library = (entry: Record<string, string>): Library => ({
  entry,
  format: ['esm', 'cjs'],
  // For both formats: a class that two entries share must be one class, or `instanceof` fails between them.
  splitting: true,
  dts: true,
  sourcemap: false,
  target: 'node20',
  clean: true,
})
