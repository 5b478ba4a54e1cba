/**
 * libpq's sslmode, as options for Node's TLS.
 * @see https://www.postgresql.org/docs/current/libpq-ssl.html
 * @module
 */
import { isIP } from 'node:net'
import { checkServerIdentity } from 'node:tls'
import type { ConnectionOptions } from 'node:tls'
import { OptionError, readPem } from '@sess/core'
import type { PostgresConnectionOptions, SslMode } from './options.js'

type Files = 'sslRootCert' | 'sslCert' | 'sslKey'
type Way = ConnectionOptions | false

const MODES: readonly SslMode[] = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full']

/**
 * The ways to connect in the order in which they are tried; `false` is without encryption.
 * @param name how the user calls an option, for messages
 * @throws {OptionError} `SESS_OPTION` on an unknown mode, or a file that can't be read
 */
export function encryptionOf(
  options: PostgresConnectionOptions,
  name: (option: 'ssl' | Files) => string,
): readonly Way[] {
  const { ssl, sslRootCert } = options
  if (typeof ssl === 'object' && ssl !== null) return [{ ...ssl, ...filesOf(options, name) }]
  const isStrict = sslRootCert === 'system'
  const mode = ssl ?? (isStrict ? 'verify-full' : 'prefer')
  if (!MODES.includes(mode)) throw new OptionError(name('ssl'), `one of ${MODES.join(', ')}`, JSON.stringify(mode))
  if (isStrict && mode !== 'verify-full') {
    throw new OptionError(name('ssl'), `verify-full, since ${name('sslRootCert')} is system`, JSON.stringify(mode))
  }
  if (mode === 'verify-ca' && sslRootCert === undefined) {
    // Anybody gets a certificate of a public authority, for some name.
    throw new OptionError(name('sslRootCert'), `a PEM file, since ${name('ssl')} is verify-ca`, 'none')
  }
  return mode === 'disable' ? [false] : waysOf(mode, filesOf(options, name), options)
}

type Encrypting = Exclude<SslMode, 'disable'>

function waysOf(mode: Encrypting, files: ConnectionOptions, options: PostgresConnectionOptions): readonly Way[] {
  const authority = { ...files, rejectUnauthorized: true, checkServerIdentity: () => undefined }
  const encrypted = files.ca === undefined ? { ...files, rejectUnauthorized: false } : authority
  switch (mode) {
    case 'allow':
      return [false, encrypted]
    case 'prefer':
      return [encrypted, false]
    case 'require':
      return [encrypted] // with a root certificate like verify-ca, as libpq has it
    case 'verify-ca':
      return [authority]
    case 'verify-full':
      return [{ ...files, rejectUnauthorized: true, ...identityOf(options) }]
  }
}

/** By `hostaddr` the server is found, by `host` it is known. Node would take an address for localhost. */
function identityOf({ hostaddr = 'localhost', host = hostaddr }: PostgresConnectionOptions): ConnectionOptions {
  return {
    ...(isIP(host) === 0 && { servername: host }),
    checkServerIdentity: (_, certificate) => checkServerIdentity(host, certificate),
  }
}

function filesOf(options: PostgresConnectionOptions, name: (option: Files) => string): ConnectionOptions {
  const read = (option: Files): string | undefined => {
    const path = options[option]
    return path === undefined || (option === 'sslRootCert' && path === 'system')
      ? undefined
      : readPem(name(option), path)
  }
  const [ca, cert, key] = [read('sslRootCert'), read('sslCert'), read('sslKey')]
  return { ...(ca !== undefined && { ca }), ...(cert !== undefined && { cert }), ...(key !== undefined && { key }) }
}
