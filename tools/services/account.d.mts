export declare function account(): { uid?: number; gid?: number }
export declare function give(path: string): string
export declare function writeForServer(path: string, text: string): string
