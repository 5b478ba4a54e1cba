/**
 * Saves that come together share a statement and a commit. Who is not known to be saved by it asks alone, and learns
 * exactly what became of it.
 * @module
 */
import { Gathering } from '@sess/core'
import type { Database, Save, Statement } from './database.js'

/** Bytes of a statement that several share: a longer one would hold up all of them. */
const MAX_BYTES = 256 * 1024
/** What a save has beside its data, in bytes, generously. */
const OVERHEAD = 256

/** What is to be shared. */
export interface Saving<S extends Save> {
  /** Divides those of one turn, in the order of their ids, into those that share a statement. */
  readonly groupsOf: (saves: readonly S[]) => readonly (readonly S[])[]
  readonly together: (saves: readonly S[]) => Statement
  /** Whether that may be carried out twice. */
  readonly repeatable: boolean
  /** Saves one by itself; `repeated`: it may have been done already, and then by us. */
  readonly alone: (save: S, repeated: boolean) => Promise<boolean>
}

interface Table {
  readonly database: Database
  /** Bytes of the longest `data`. */
  readonly maxBytes: number
}

/** What a shared statement is known to have saved; `unclear`: perhaps the others, too. */
interface Shared {
  readonly saved: ReadonlySet<string>
  readonly unclear: boolean
}

export class SharedSaves<S extends Save> {
  readonly #table: Table
  readonly #saving: Saving<S>
  readonly #gathering: Gathering<S, boolean>

  constructor(table: Table, saving: Saving<S>) {
    this.#table = table
    this.#saving = saving
    const limit = Math.min(MAX_BYTES, table.maxBytes)
    const fits = (saves: readonly S[], save: S): boolean =>
      saves.reduce((sum, other) => sum + weightOf(other), weightOf(save)) <= limit &&
      !saves.some(({ id }) => id === save.id)
    this.#gathering = new Gathering((saves) => this.#run(saves), fits)
  }

  /** Whether it was saved. */
  save(save: S): Promise<boolean> {
    return this.#gathering.ask(save)
  }

  /** In the order of their ids, so that servers which lock the same rows don't wait for each other in a circle. */
  #run(saves: readonly S[]): readonly Promise<boolean>[] {
    const outcomes = new Map<S, Promise<boolean>>()
    for (const group of this.#saving.groupsOf(inOrder(saves))) {
      const shared = group.length > 1 ? this.#share(group) : undefined
      for (const save of group) outcomes.set(save, this.#outcomeOf(save, shared))
    }
    return saves.map((save) => outcomes.get(save)!)
  }

  async #outcomeOf(save: S, shared: Promise<Shared> | undefined): Promise<boolean> {
    if (!shared) return this.#saving.alone(save, false)
    const { saved, unclear } = await shared
    return saved.has(save.id) || this.#saving.alone(save, unclear)
  }

  async #share(saves: readonly S[]): Promise<Shared> {
    const { database } = this.#table
    const { together, repeatable } = this.#saving
    try {
      const { rows, changed, repeated } = await database.run(together(saves), repeatable)
      if (changed === saves.length) return { saved: new Set(saves.map(({ id }) => id)), unclear: false }
      const saved = new Set(rows.map(([key]) => String(key).trimEnd()))
      return { saved, unclear: repeated || saved.size < changed }
    } catch (error) {
      if (!database.isRefused(error)) throw error
      return { saved: new Set(), unclear: true } // an attempt before that one may have been lost
    }
  }
}

const inOrder = <S extends Save>(saves: readonly S[]): readonly S[] =>
  [...saves].sort((one, other) => (one.id < other.id ? -1 : 1))

const weightOf = ({ data }: Save): number => data.length + OVERHEAD
