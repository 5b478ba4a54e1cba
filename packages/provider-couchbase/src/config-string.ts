/**
 * The documented config string.
 * @module
 */
import { OptionError, rejectUnknownKey } from '@sess/core'
import { PROVIDER } from './errors.js'

const OPTION = 'providerConfig'
const FORM = 'username:password@protocol(address,address)/bucket?name=value'
/** The last `@` before a protocol and its `(` ends the password, which may hold `@`, `:` and `/`. */
const CONFIG = /^([^:]+):(.*)@(\w+)\(([^()]*)\)\/([^/?]+)(?:\?(.*))?$/s
const PARAMETERS: readonly string[] = ['scope', 'collection', 'durability', 'timeout', 'connectTimeout', 'prefix', 'ca']

/**
 * What a config string says; checked no further than that it can be read.
 * @throws {OptionError} `SESS_OPTION` on another form, another protocol, an unknown parameter, or one twice
 */
export function optionsOf(config: string): Record<string, unknown> {
  const [, username, password, protocol, addresses, bucket, query] = CONFIG.exec(config.trim()) ?? []
  if (username === undefined) throw new OptionError(OPTION, FORM, 'something else')
  const hosts = addresses!.split(',').map((host) => host.trim())
  return {
    username,
    password,
    protocol: protocolOf(protocol!),
    ...(addresses !== '' && { hosts }),
    bucket,
    ...parametersOf(query ?? ''),
  }
}

/** `tcp` is what the documentation has for other stores. */
function protocolOf(protocol: string): string {
  if (protocol === 'tcp') return 'couchbase'
  if (protocol === 'couchbase' || protocol === 'couchbases') return protocol
  throw new OptionError(OPTION, 'one of the protocols couchbase, couchbases, tcp', 'another one')
}

function parametersOf(query: string): Record<string, unknown> {
  const parameters: Record<string, unknown> = {}
  for (const [key, value] of new URLSearchParams(query)) {
    rejectUnknownKey(PROVIDER, key, PARAMETERS)
    if (key in parameters) throw new OptionError(OPTION, 'each parameter once', `${key} twice`)
    parameters[key] = key.endsWith('imeout') ? Number(value || Number.NaN) : value
  }
  return parameters
}
