export declare function give(path: string): string
