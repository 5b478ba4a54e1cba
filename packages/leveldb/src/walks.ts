/**
 * What goes over many records: counting, and the sweep.
 * @module
 */
import type { Operation } from './direct-level.js'
import { decodeMeta } from './int64.js'
import type { Due, KeyLayout } from './layout.js'
import type { Lease } from './lease.js'
import type { Records } from './records.js'

/** Walks over the entries of one layout, a hundred at a time. */
export class Walks {
  readonly #lease: Lease
  readonly #layout: KeyLayout
  readonly #records: Records
  readonly #clock: () => number
  #isStopped = false
  #sweeping: Promise<number> | undefined

  constructor(lease: Lease, layout: KeyLayout, records: Records, clock: () => number) {
    this.#lease = lease
    this.#layout = layout
    this.#records = records
    this.#clock = clock
  }

  /** All values, less those whose time keys are due. */
  async count(): Promise<number> {
    let count = 0
    for await (const keys of this.#lease.keys(this.#layout.values)) {
      for (const key of keys) if (isSession(this.#layout.parseValue(key))) count++
    }
    for await (const due of this.#due()) {
      const metas = await this.#metas(due)
      count -= due.filter(({ id, when }, i) => metas[i] === when && isSession(id)).length
    }
    return count
  }

  /** Removes what is due, the earliest first; gives how many. */
  sweep(): Promise<number> {
    this.#sweeping = this.#sweep()
    return this.#sweeping
  }

  async #sweep(): Promise<number> {
    let removed = 0
    for await (const due of this.#due()) {
      if (this.#isStopped) break
      removed += await this.#removeDue(due)
    }
    return removed
  }

  /** Ends a sweep after its present batch. */
  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#sweeping?.catch(() => undefined) // who called it is told
  }

  /** Looks at the expiries again in the turns of all these ids: one that was refreshed loses only its old time key. */
  #removeDue(due: Due[]): Promise<number> {
    const ids = due.map(({ id }) => id)
    return this.#records.inTurn(ids, async () => {
      const metas = await this.#metas(due)
      let removed = 0
      const operations = due.flatMap(({ id, when }, i): Operation[] => {
        if (metas[i] !== when) return [{ type: 'del', key: this.#layout.time(id, when) }]
        removed++
        return this.#records.removal(id, when)
      })
      await this.#records.write(ids, operations, false)
      return removed
    })
  }

  /** What is due now by its time key, the earliest first, in batches. */
  async *#due(): AsyncGenerator<Due[]> {
    const range = this.#layout.timesUntil(Math.floor(this.#clock() / 1000))
    for await (const keys of this.#lease.keys(range)) {
      const due = keys.map((key) => this.#layout.parseTime(key)).filter((entry) => entry !== undefined)
      if (due.length > 0) yield due
    }
  }

  async #metas(due: Due[]): Promise<(number | undefined)[]> {
    const metas = await this.#lease.getMany(due.map(({ id }) => this.#layout.meta(id)))
    return metas.map((meta) => meta && decodeMeta(meta))
  }
}

/** Records whose id starts with `~` are core's own. */
const isSession = (id: string | undefined): boolean => id !== undefined && !id.startsWith('~')
