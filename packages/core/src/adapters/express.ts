/**
 * Sessions for Express 4 and 5: the same middleware as for `node:http`.
 * @module
 */
import '../on-node.js'
export { sessioner } from './node.js'
export type { Next, NodeRequest, NodeResponse, Sessioner } from './node.js'
