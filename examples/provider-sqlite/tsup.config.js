/** ES modules and CommonJS. `node:sqlite` has no name without `node:`. */
export default {
  entry: ['src/index.ts'],
  format: ['esm', 'cjs'],
  dts: true,
  target: 'node22',
  clean: true,
  removeNodeProtocol: false,
}
