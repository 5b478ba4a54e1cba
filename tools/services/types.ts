/** One server process of ours. */
export interface Server {
  readonly name: string
  readonly port: number
  readonly url: string
  readonly state: 'running' | 'paused' | 'down'
  /** Undefined while it is down. */
  readonly pid: number | undefined
  /** What it wrote to stdout and stderr, of all its starts. */
  log(): string
  /** Resolves when it answers. Nothing happens if it runs. */
  start(): Promise<void>
  /** SIGSTOP to it and its children: connections are still accepted by the system, nothing is answered. */
  pause(): Promise<void>
  resume(): Promise<void>
  /** SIGKILL to it and its children; resolves when they are gone. `restart` brings it back. */
  kill(): Promise<void>
  /** Ends it in its own way; resolves when it is gone. Its data stay, for `start`. */
  stop(): Promise<void>
  /** `stop`, if it runs, and `start`: same port, same data. */
  restart(): Promise<void>
}

/** What a test holds: servers that were started for it, or the one that an environment variable names. */
export interface Service {
  readonly name: string
  /** The variable that names a server which runs already. */
  readonly variable: string
  /** False: there is none. What controls one throws then, and `url`, `env` and `addresses` lead nowhere. */
  readonly available: boolean
  /** False: it is somebody else's, so that `servers`, `folder`, `log`, `pause`, `resume`, `kill` and `restart` throw. */
  readonly isOurs: boolean
  readonly url: string
  /** `{ [variable]: url }`, for programs that a test starts. */
  readonly env: Record<string, string>
  /** `host:port` of each server that clients connect to. */
  readonly addresses: string[]
  readonly servers: Server[]
  /** Of all its processes, children included. */
  readonly pids: number[]
  /** Data, logs and sockets. */
  readonly folder: string
  log(): string
  pause(): Promise<void>
  resume(): Promise<void>
  kill(): Promise<void>
  restart(): Promise<void>
  /** Ends what was started, and removes its data. Twice is the same as once; somebody else's server stays as it is. */
  stop(): Promise<void>
}

export interface RedisCluster extends Service {
  /** The running node that owns the key. After a failure it waits for the replica to take over, 15 seconds at most. */
  masterOf(key: string): Promise<Server>
}

export interface RedisSentinel extends Service {
  readonly masterName: string
  /** The master and its replicas, without the sentinels. */
  readonly nodes: Server[]
  /** The running master. After a failure it waits for the sentinels to make a new one, 15 seconds at most. */
  master(): Promise<Server>
}

/** What the test server does to a command: `drop` hangs up and does not carry it out, `lose` does both. */
type CouchbaseFault = 'temporary' | 'locked' | 'drop' | 'lose' | 'silent'

export interface Couchbase extends Service {
  /** The names of the commands that came since it was last asked. */
  commands(): Promise<string[]>
  /** Keys and values of all documents in the default collection, a byte a character. */
  dump(): Promise<[key: string, value: string][]>
  /** When a document of the default collection expires, in seconds since the epoch. */
  expiry(key: string): Promise<number>
  /** Lets the next commands of this name fail; `times` is 1 unless given. */
  fault(command: string, fault: CouchbaseFault, times?: number): Promise<void>
  /** Ends all faults. */
  heal(): Promise<void>
}

export interface Services {
  redis: Service
  'redis-cluster': RedisCluster
  'redis-sentinel': RedisSentinel
  memcached: Service
  postgres: Service
  mariadb: Service
  couchbase: Couchbase
}

export type ServiceName = keyof Services

/** A server with settings of its own is always started, whatever the environment variable says. */
export interface ServiceOptions {
  /** Start one even if the environment variable names one: for tests that pause and kill. */
  own?: boolean
  /** The server's own settings by name: redis.conf, `postgres -c`, `mariadbd --…`. Of all nodes, where there are several. */
  config?: Record<string, string | number | boolean>
  /** Further arguments for the server. */
  args?: string[]
  /** Redis alone: serve TLS (beside a plain port), `url` is `rediss://…` then. */
  tls?: TlsFiles
}

/** Paths of PEM files. */
export interface TlsFiles {
  ca: string
  cert: string
  key: string
}

/** How a kind of server is found, installed and started. */
export interface Definition<S extends Service = Service> {
  variable: string
  /** Names under which each program may be found: the first found is taken. */
  programs: Record<string, string[]>
  /** Folders, beside PATH, in which distributions put them. */
  folders?: string[]
  /** What holds the programs, in Debian. */
  packages: string[]
  /** Those members, beside the ones of `Service`, that need servers of our own. */
  controls?: string[]
  start(options: ServiceOptions, programs: Record<string, string>): Promise<S>
}

export type StartService = <N extends ServiceName>(name: N, options?: ServiceOptions) => Promise<Services[N]>
