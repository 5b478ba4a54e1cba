// Uses the built package.
import '@sess/provider-couchbase'
import { Collection } from 'couchbase'
import { serve } from '../../../tools/testing/serve.mjs'

const { unguarded, ...options } = JSON.parse(process.argv[2])

/** The guard is out: what is replaced on condition of a CAS, is replaced without one. */
function saveWhateverIsThere() {
  const replace = Reflect.get(Collection.prototype, 'replace')
  Collection.prototype.replace = function (key, value, options) {
    return Reflect.apply(replace, this, [key, value, { ...options, cas: undefined }])
  }
}

if (unguarded) saveWhateverIsThere()
await serve({ provider: 'couchbase', ...options })
