import type { TlsFiles } from './types.js'

export declare function makeCertificate(
  name?: string,
  hosts?: string,
): Promise<(TlsFiles & { remove(): void }) | undefined>
