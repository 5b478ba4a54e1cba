/**
 * Counting by the query service. Not by a scan, which ends without an error where it failed: see
 * `decisions/065-couchbase-scan.md`.
 * @module
 */
import type { Cluster } from 'couchbase'
import { QueryScanConsistency, ServiceType } from 'couchbase'
import type { ConnectionSettings } from './options.js'

/** Gives how many sessions there are. */
export type Count = () => Promise<number>

/** Undefined where the cluster has no query service that answers. */
export async function countBy(
  cluster: Cluster,
  { bucket, scope, collection }: ConnectionSettings,
  prefix: string,
  timeout: number,
): Promise<Count | undefined> {
  if (!(await hasQueryService(cluster, timeout))) return undefined
  const from = `\`${bucket}\`.\`${scope}\`.\`${collection}\``
  const statement = `SELECT COUNT(*) AS count FROM ${from} AS s WHERE META(s).id >= $from AND META(s).id < $to AND META(s).id NOT LIKE $own`
  const parameters = { from: prefix, to: successorOf(prefix), own: `${escaped(prefix)}~%` }
  const scanConsistency = QueryScanConsistency.RequestPlus // also what was written just now
  return async () => {
    const { rows } = await cluster.query(statement, {
      parameters,
      scanConsistency,
      readOnly: true,
      timeout: timeout * 1000,
    })
    return (rows[0] as { count: number }).count
  }
}

async function hasQueryService(cluster: Cluster, timeout: number): Promise<boolean> {
  const { services } = await cluster.ping({ serviceTypes: [ServiceType.Query], timeout: timeout * 1000 })
  const nodes = Object.values(services as Record<string, { state?: unknown }[]>).flat()
  return nodes.length > 0
}

/** The first text that no longer begins with the prefix. */
const successorOf = (prefix: string): string =>
  prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1)

/** What means something in LIKE stands for itself. */
const escaped = (text: string): string => text.replace(/[\\_%]/g, '\\$&')
