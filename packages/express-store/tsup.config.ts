import { type Library, library } from '../../tools/tsup-library.js'

const config: Library = { ...library({ index: 'src/index.ts' }), shims: true }

export default config
