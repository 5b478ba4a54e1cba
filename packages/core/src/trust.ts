/**
 * Whether a request came over TLS, by its socket or by what a trusted proxy says.
 * @module
 */
import type { BlockList } from 'node:net'
import { builtin } from './builtin.js'
import { OptionError, show } from './errors.js'

/** Tells whether the peer may say how the visitor reached it; asks for its address only where that decides. */
export type Trust = (addressOf: () => string | undefined) => boolean

/**
 * @param value false: nobody; true: everybody; else addresses and CIDR ranges
 * @param option where it was said, for the message
 * @throws {OptionError} `SESS_OPTION` on anything else
 */
export function trustOf(value: unknown, option = 'trustProxy'): Trust {
  if (typeof value === 'boolean') return () => value
  if (!Array.isArray(value)) {
    throw new OptionError(option, 'true, false, or a list of addresses and CIDR ranges', show(value))
  }
  const { BlockList, isIP } = builtin('net')
  const list = new BlockList()
  for (const entry of value as unknown[]) addEntry(list, entry, option)
  return (addressOf) => {
    const address = addressOf()
    return address !== undefined && isIP(address) !== 0 && list.check(...withFamily(address))
  }
}

function addEntry(list: BlockList, entry: unknown, option: string): void {
  const [address = '', bits, more] = typeof entry === 'string' ? entry.split('/') : []
  const family = builtin('net').isIP(address)
  const longest = family === 6 ? 128 : 32
  const prefix = bits === undefined ? longest : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN
  if (family === 0 || more !== undefined || !(prefix <= longest)) {
    throw new OptionError(option, 'addresses and CIDR ranges such as 10.0.0.0/8', show(entry))
  }
  list.addSubnet(address, prefix, family === 6 ? 'ipv6' : 'ipv4')
}

/** An IPv4 peer of a dual-stack socket appears as `::ffff:10.0.0.1`. */
function withFamily(address: string): [string, 'ipv4' | 'ipv6'] {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)
  if (mapped) return [mapped[1]!, 'ipv4']
  return [address, builtin('net').isIP(address) === 6 ? 'ipv6' : 'ipv4']
}

/** `X-Forwarded-Proto` names the visitor's scheme first, when several proxies wrote to it. */
export function isForwardedSecure(header: string | string[] | undefined): boolean {
  const text = Array.isArray(header) ? header[0] : header
  return text?.split(',', 1)[0]?.trim().toLowerCase() === 'https'
}
