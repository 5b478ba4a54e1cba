import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { makeFolder, removeFolder } from './folder.mjs'
import { inCI } from './missing.mjs'
import { findPrograms, runProgram } from './program.mjs'

/**
 * A new key and certificate, which is its own authority: a second one is a stranger.
 * Undefined, with a notice, where there is no openssl: Node can't make certificates; with CI set, an error.
 * @param {string} [name] in its subject
 * @param {string} [hosts] whose it is
 * @returns {Promise<import('./types.js').TlsFiles & { remove(): void } | undefined>}
 */
export async function makeCertificate(name = 'localhost', hosts = 'DNS:localhost,IP:127.0.0.1') {
  const openssl = findPrograms({ openssl: ['openssl'] })?.openssl
  if (!openssl) return missing()
  const folder = makeFolder('tls')
  const cert = join(folder, 'cert.pem')
  const key = join(folder, 'key.pem')
  const kind = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=${hosts}`]
  await runProgram(openssl, [...kind, ...subject, '-keyout', key, '-out', cert], { folder })
  // For tests alone, and read by whoever runs them.
  for (const path of [folder, key]) chmodSync(path, 0o755)
  return { ca: cert, cert, key, remove: () => removeFolder(folder) }
}

function missing() {
  const message = 'No certificates for TLS here: install openssl'
  if (inCI()) throw new Error(message)
  console.warn(`\nSKIPPED, not tested: ${message}\n`)
  return undefined
}
