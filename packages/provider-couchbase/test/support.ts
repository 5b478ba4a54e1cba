import { randomBytes } from 'node:crypto'
import type { Storage } from '@sess/core'
import type { CouchbaseConnectionOptions, CouchbaseProviderOptions } from '../src/index.js'
import { resolve } from '../src/options.js'
import { openStorage } from '../src/provider.js'

export const newId = (): string => randomBytes(12).toString('base64url')
export const sleep = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds))

/** What a URL of a service says: `couchbase://user:password@host/bucket`. */
export function optionsOf(url: string): CouchbaseConnectionOptions {
  const { host, username, password, pathname } = new URL(url)
  const bucket = pathname.slice(1)
  return { hosts: [host], username: decodeURIComponent(username), password: decodeURIComponent(password), bucket }
}

/** The same as a config string. */
export function configOf(url: string, query = ''): string {
  const { hosts, username, password, bucket } = optionsOf(url)
  return `${username}:${password}@couchbase(${hosts!.join(',')})/${bucket}${query}`
}

/** A storage, opened. */
export function storageOn(
  options: CouchbaseProviderOptions | string,
  storeTimeout = 4,
  reports: Error[] = [],
): Promise<Storage> {
  return openStorage(resolve(options, storeTimeout), { report: (error) => void reports.push(error) })
}
