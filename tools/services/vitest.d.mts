import type { StartService } from './types.js'

export declare const service: StartService

/** Whether what is missing has to be a failure. */
export declare function inCI(): boolean
