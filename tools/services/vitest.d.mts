import type { StartService } from './types.js'

export declare const service: StartService
