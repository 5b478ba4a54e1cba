import type { TlsFiles } from './types.js'

export declare function makeCertificate(name?: string): Promise<(TlsFiles & { remove(): void }) | undefined>
