import type { Definition, ServiceName, Services, StartService } from './types.js'

export declare const definitions: { [N in ServiceName]: Definition<Services[N]> }
export declare const serviceNames: ServiceName[]
export declare const startService: StartService
