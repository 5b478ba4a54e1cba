import { Documents } from './documents.mjs'
import { VBUCKETS } from './vbucket.mjs'

/** The one bucket of this server, and its collections: scope, collection, number. */
export class Bucket {
  name = 'sessions'
  users = { app: 'p@ss:word/1' }
  /** @type {Map<string, number>} */
  collections = new Map([
    ['_default._default', 0],
    ['shop.sessions', 8],
    ['shop.other', 9],
  ])
  scopes = ['_default', 'shop']
  /** @type {Map<number, Documents>} */
  #documents = new Map()
  #port
  #queryPort

  /** @param {number} port @param {number | undefined} queryPort */
  constructor(port, queryPort) {
    for (const number of this.collections.values()) this.#documents.set(number, new Documents())
    this.#port = port
    this.#queryPort = queryPort
  }

  /** @param {number} number */
  documents(number) {
    return this.#documents.get(number)
  }

  /** What clients are told of the cluster, before they select a bucket. */
  clusterConfig() {
    const services = {
      kv: this.#port,
      ...(this.#queryPort !== undefined && { n1ql: this.#queryPort, mgmt: this.#queryPort }),
    }
    return { rev: 1, revEpoch: 1, nodesExt: [{ services, hostname: '127.0.0.1', thisNode: true }] }
  }

  /** And what they are told of the bucket: that this server has all of its parts. */
  config() {
    return {
      ...this.clusterConfig(),
      name: this.name,
      uuid: '0f1e2d3c4b5a69788796a5b4c3d2e1f0',
      nodeLocator: 'vbucket',
      bucketCapabilities: ['collections', 'durableWrite', 'cbhello', 'touch', 'cccp', 'xattr', 'nodesExt'],
      vBucketServerMap: {
        hashAlgorithm: 'CRC',
        numReplicas: 0,
        serverList: [`127.0.0.1:${this.#port}`],
        vBucketMap: Array.from({ length: VBUCKETS }, () => [0]),
      },
    }
  }
}
