import { levelConformance } from '../../leveldb/test/conformance.js'
import { nodb } from '../src/index.js'

levelConformance('nodb', (path) => nodb({ path }))
