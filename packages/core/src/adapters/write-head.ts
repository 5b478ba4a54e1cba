/**
 * What `writeHead` of a response is given.
 * @module
 */
import type { OutgoingHttpHeaders } from 'node:http'
import type { NodeResponse } from './node.js'

interface Head {
  readonly status: number
  readonly message: string | undefined
  readonly headers: OutgoingHttpHeaders | unknown[] | null | undefined
}

/**
 * Puts the headers that `writeHead` was given where ours can join them: it would write its own over ours, and lose some of
 * the forms that it is given (CVE-2025-7339). Wrong ones throw here, in the handler. Gives the other arguments.
 */
export function takeHead(res: NodeResponse, args: unknown[]): unknown[] {
  const { status, message, headers } = headOf(args)
  for (const [name, value] of grouped(headers)) res.setHeader(name, value)
  return message === undefined ? [status] : [status, message]
}

/** The arguments, of which the message may be missing. */
function headOf([status, second, third]: unknown[]): Head {
  const message = typeof second === 'string' ? second : undefined
  const headers = (message === undefined ? (third ?? second) : third) as Head['headers']
  return { status: Number(status), message, headers }
}

/** The three forms of `writeHead`'s headers: an object, a flat array, an array of pairs. One name may come often. */
function grouped(headers: Head['headers']): Iterable<[string, string | string[]]> {
  if (!headers) return []
  if (!Array.isArray(headers)) return Object.entries(headers) as [string, string][]
  const groups = new Map<string, [string, string | string[]]>()
  for (const [name, value] of pairs(headers)) {
    const key = String(name).toLowerCase()
    const before = groups.get(key)
    groups.set(key, [String(name), before ? ([before[1], value].flat() as string[]) : (value as string)])
  }
  return groups.values()
}

function pairs(list: unknown[]): [unknown, unknown][] {
  if (list.every((item) => Array.isArray(item))) return list as [unknown, unknown][]
  return Array.from({ length: Math.ceil(list.length / 2) }, (_, i) => [list[2 * i], list[2 * i + 1]])
}
