import { OptionError } from '@sess/core'

/** Where a server listens. */
export type Address = { readonly host: string; readonly port: number } | { readonly path: string }

const ADDRESS = /^(?:\[([\da-f:.%\w]+)\]|([^\s:@/[\]|,]+))(?::(\d{1,5}))?$/i

/**
 * `host:port`, `host`, or `[::1]:port`.
 * @throws {OptionError} `SESS_OPTION` on anything else; the text is not shown, since it may hold a password
 */
export function parseAddress(option: string, text: unknown, defaultPort: number): { host: string; port: number } {
  const [, v6, name, digits] = (typeof text === 'string' && ADDRESS.exec(text)) || []
  const host = v6 ?? name
  const port = digits === undefined ? defaultPort : Number(digits)
  if (host !== undefined && port >= 1 && port <= 65_535) return { host, port }
  throw new OptionError(option, 'host:port, an IPv6 address in brackets', 'something else')
}
