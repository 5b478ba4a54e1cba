import { type Library, library } from '../../tools/tsup-library.js'

const config: Library = library({
  index: 'src/index.ts',
  express: 'src/adapters/express.ts',
  testing: 'src/testing/index.ts',
})

export default config
