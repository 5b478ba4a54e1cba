/**
 * Looks after the connections to the nodes of a cluster, each by itself: a path to one of them may be dead while the
 * others answer, so that the cluster as a whole is not silent.
 * @module
 */
import type { Socket } from 'node:net'
import type { RedisClient, RedisNode } from './client.js'

/** Only one timer, and only while the cluster is in use. */
export class NodeWatch {
  readonly #cluster: RedisClient
  readonly #interval: number
  /** Nodes that were asked and did not answer yet, with what had come from them until then. */
  readonly #asked: Map<RedisNode, number> = new Map()
  #timer: NodeJS.Timeout | undefined

  /** @param patience milliseconds within which a node has to answer */
  constructor(cluster: RedisClient, patience: number) {
    this.#cluster = cluster
    this.#interval = patience / 2
  }

  /** The cluster is in use. */
  begin(): void {
    this.#timer ??= setTimeout(() => this.#look(), this.#interval).unref()
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#asked.clear()
  }

  /** Who owes an answer since the last time, and sent nothing, is cut off; ioredis connects anew to whom it needs. */
  #look(): void {
    this.#timer = undefined
    const nodes = this.#cluster.nodes!('all')
    for (const node of this.#asked.keys()) if (!nodes.includes(node)) this.#asked.delete(node)
    for (const node of nodes) this.#lookAt(node)
    if (this.#asked.size > 0) this.begin()
  }

  #lookAt(node: RedisNode): void {
    const received = (node.stream as Socket | undefined)?.bytesRead ?? 0
    if (this.#asked.get(node) === received) {
      this.#asked.delete(node)
      return node.disconnect()
    }
    if (node.status !== 'ready' && node.status !== 'connect') return
    this.#asked.set(node, received)
    const isAnswered = (): void => void this.#asked.delete(node)
    node.call('PING').then(isAnswered, isAnswered)
  }
}
