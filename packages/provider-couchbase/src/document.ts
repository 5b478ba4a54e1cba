/**
 * A record as a document: JSON with the name of the write that made it and, line by line, the record.
 * @module
 */
import { SessionError } from '@sess/core'
import type { Transcoder } from 'couchbase'
import { PROVIDER } from './errors.js'

/** What stands in a document. */
export interface Content {
  /** The unique name of the write that made it: by this a write whose answer was lost is recognised. */
  readonly name: string
  /** The record's text. */
  readonly data: string
}

/** "JSON" in the flags that all SDKs share, so that queries and the web console show the document. */
const JSON_FLAGS = 0x02000000
const FORM = /^\{"name":"([^"\\]+)","session":/

export function textOf({ name, data }: Content): string {
  return `{"name":"${name}","session":${data}}`
}

/** @throws {SessionError} `SESS_CORRUPT` on a document that is something else */
export function contentOf(id: string, text: string): Content {
  const head = FORM.exec(text)
  if (head && text.endsWith('}')) return { name: head[1]!, data: text.slice(head[0].length, -1) }
  throw new SessionError('SESS_CORRUPT', `session ${id}: its document holds no record`, { provider: PROVIDER })
}

/** The text as it is: not parsed and made again, which would change it. */
export const transcoder: Transcoder = {
  encode: (text: string): [Buffer, number] => [Buffer.from(text), JSON_FLAGS],
  decode: (bytes: Buffer): string => bytes.toString(),
}
