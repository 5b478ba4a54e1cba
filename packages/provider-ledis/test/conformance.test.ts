import { levelConformance } from '../../leveldb/test/conformance.js'
import { ledis } from '../src/index.js'

levelConformance('ledis', (dataDir) => ledis({ dataDir }))
