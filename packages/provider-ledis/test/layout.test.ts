import { levelFiles } from '../../leveldb/test/files.js'
import { ledis } from '../src/index.js'
import { ledisLayout } from '../src/layout.js'

levelFiles('ledis', 'LedisDB', {
  layout: ledisLayout,
  open: (dataDir) => ledis({ dataDir }),
  golden: new URL('golden.hex', import.meta.url),
  timeKey: (when, type, id) => Buffer.concat([Buffer.of(0, 0x67), when, Buffer.of(type), Buffer.from(id)]),
})
