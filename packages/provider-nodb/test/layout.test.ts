import { levelFiles } from '../../leveldb/test/files.js'
import { nodb } from '../src/index.js'
import { nodbLayout } from '../src/layout.js'

levelFiles('nodb', 'nodb', {
  layout: nodbLayout,
  open: (path) => nodb({ path }),
  golden: new URL('golden.hex', import.meta.url),
  timeKey: (when, type, id) => Buffer.concat([Buffer.of(0, 0x65, type), when, Buffer.from(id)]),
})
