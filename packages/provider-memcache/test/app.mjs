// Uses the built package.
import { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import '@sess/provider-memcache'
import { serve } from '../../../tools/testing/serve.mjs'

const { unguarded, ...options } = JSON.parse(process.argv[2])

/** The guard is out: what is stored on condition of a CAS, is sent without one. */
function saveWhateverIsThere() {
  Socket.prototype.write = function (data, ...rest) {
    const isReplace = Buffer.isBuffer(data) && data[0] === 0x80 && data[1] === 0x03
    return Duplex.prototype.write.call(this, isReplace ? data.fill(0, 16, 24) : data, ...rest)
  }
}

if (unguarded) saveWhateverIsThere()
await serve({ provider: 'memcache', ...options })
