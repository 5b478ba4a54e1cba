import { OptionError, show } from '../errors.js'
import type { Provider, ProviderConfig } from '../provider.js'
import type { Storage } from '../storage.js'

/** What is put through the kit: a provider that is not yet initialised, or a storage. */
export type Subject = Provider | Storage

/** What {@link providerConformance} takes. */
export interface ConformanceOptions {
  /** The runner's own: vitest's, node:test's, mocha's. */
  describe: (name: string, body: () => void) => unknown
  /** The runner's own. Each call is one sentence of the contract. */
  it: (name: string, body: () => Promise<void>, timeout?: number) => unknown
  /**
   * A new instance over an empty store that nobody else uses: another prefix, directory or table with each call. What
   * earlier calls gave stays in use. It is called for each sentence.
   */
  create: () => Subject | Promise<Subject>
  /** Another instance onto the same data as `first`, which `create` gave: it stands for another process. */
  createSecond?: (first: Subject) => Subject | Promise<Subject>
  /**
   * The data lives in one instance, so that no other process can reach it. Without `createSecond`, only this (or a
   * provider that claims neither `merge` nor `gone`) lets the sentences about several processes be skipped.
   * @default false
   */
  inProcess?: boolean
  /** The config that `init` gets. @default '' */
  config?: ProviderConfig
  /**
   * Seconds by which the store may end a record too early or too late: 1 for one that counts in whole seconds.
   * @default 0
   */
  granularity?: number
  /** Characters of the longest id that the store was set up for, 16 to 64. @default 64 */
  maxIdLength?: number
  /** How often each race is run. @default 5 */
  rounds?: number
  /** For a store that takes its time from us: expiry is tested without waiting. `now` in milliseconds. */
  clock?: {
    /** The time in milliseconds since the epoch. */
    now(): number
    /** Lets time pass. */
    advance(milliseconds: number): void | Promise<void>
  }
  /**
   * Every byte that the store holds for a subject that `create` gave, as whoever steals a backup has it: with the ids,
   * and whatever the store keeps beside them. Without it, the sentences about stolen dumps are skipped.
   */
  dump?: (subject: Subject) => string | Buffer | Promise<string | Buffer>
  /** Takes the store away and gives it back. Without it, the sentences about outages are skipped. */
  outage?: {
    /** From here on the store refuses or is silent. */
    stop(): void | Promise<void>
    /** The store is back. */
    start(): void | Promise<void>
  }
}

type Optional = 'createSecond' | 'clock' | 'dump' | 'outage'

/** The options with their defaults. */
export type ResolvedConformance = Required<Omit<ConformanceOptions, Optional>> & Pick<ConformanceOptions, Optional>

const DEFAULTS = { inProcess: false, config: '', granularity: 0, maxIdLength: 64, rounds: 5 }

const isFunction = (value: unknown): boolean => typeof value === 'function'
const hasFunctions =
  (...names: string[]) =>
  (value: unknown): boolean =>
    typeof value === 'object' && value !== null && names.every((name) => isFunction((value as never)[name]))
const isWhole =
  (min: number, max: number) =>
  (value: unknown): boolean =>
    Number.isInteger(value) && (value as number) >= min && (value as number) <= max

/** Each option, what it must be, and the check of that. */
const CHECKS: Record<keyof ConformanceOptions, [expected: string, check: (value: unknown) => boolean]> = {
  describe: ['a function of the test runner', isFunction],
  it: ['a function of the test runner', isFunction],
  create: ['a function that gives a provider or a storage', isFunction],
  createSecond: ['a function that gives a second instance onto the same data', isFunction],
  inProcess: ['true or false', (value) => typeof value === 'boolean'],
  config: ['a config string or an object', (value) => typeof value === 'string' || hasFunctions()(value)],
  granularity: ['seconds, 0 to 10', (value) => typeof value === 'number' && value >= 0 && value <= 10],
  maxIdLength: ['a whole number from 16 to 64', isWhole(16, 64)],
  rounds: ['a whole number from 1 up', isWhole(1, Number.MAX_SAFE_INTEGER)],
  clock: ['an object with now and advance', hasFunctions('now', 'advance')],
  dump: ['a function that gives what the store holds', isFunction],
  outage: ['an object with stop and start', hasFunctions('stop', 'start')],
}

/** @throws {OptionError} `SESS_OPTION` on an unknown name, a wrong value, or two that contradict each other */
export function resolveConformance(given: ConformanceOptions): ResolvedConformance {
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(CHECKS, name)) continue
    throw new OptionError(
      name,
      `one of the options ${Object.keys(CHECKS).join(', ')}`,
      `the unknown name ${show(name)}`,
    )
  }
  const options: ResolvedConformance = { ...DEFAULTS, ...given }
  for (const name of new Set([...Object.keys(options), 'describe', 'it', 'create'])) checkOption(name as never, options)
  if (options.inProcess && options.createSecond) {
    throw new OptionError('createSecond', 'none, since inProcess is true', 'a function')
  }
  return options
}

function checkOption(name: keyof ConformanceOptions, options: ResolvedConformance): void {
  const [expected, check] = CHECKS[name]
  if (!check(options[name])) throw new OptionError(name, expected, show(options[name]))
}
