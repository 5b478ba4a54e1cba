/** ES modules and CommonJS, each with types of its own. */
export default { entry: ['src/index.ts'], format: ['esm', 'cjs'], dts: true, target: 'node20', clean: true }
