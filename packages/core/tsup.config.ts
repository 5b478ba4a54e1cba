import { type Library, library } from '../../tools/tsup-library.js'

const config: Library = library({
  index: 'src/index.ts',
  express: 'src/adapters/express.ts',
  koa: 'src/adapters/koa.ts',
  fastify: 'src/adapters/fastify.ts',
  hono: 'src/adapters/hono.ts',
  fetch: 'src/adapters/fetch.ts',
  testing: 'src/testing/index.ts',
})

export default config
