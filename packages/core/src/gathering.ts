import type { Awaitable } from './awaitable.js'
import { endOfTurn } from './end-of-turn.js'

/** How many are asked for together at most. */
const MAX = 64

interface Turn<Item, Answer> {
  readonly items: Item[]
  readonly answers: Promise<readonly Awaitable<Answer>[]>
}

/**
 * For drivers: what is asked for in one turn of the event loop goes together, 64 at most, so that requests which come at
 * once share a command or a statement. One that comes alone has gone when the turn ends.
 */
export class Gathering<Item, Answer> {
  readonly #run: (items: readonly Item[]) => Awaitable<readonly Awaitable<Answer>[]>
  readonly #fits: (items: readonly Item[], item: Item) => boolean
  #turn: Turn<Item, Answer> | undefined

  /**
   * @param run gives each item its answer, in their order; an error of its own is everybody's
   * @param fits whether one more can go with those that are there; else it begins the next command
   */
  constructor(
    run: (items: readonly Item[]) => Awaitable<readonly Awaitable<Answer>[]>,
    fits: (items: readonly Item[], item: Item) => boolean = () => true,
  ) {
    this.#run = run
    this.#fits = fits
  }

  /** The answer to one item, as `run` gives it. Rejects with what `run` throws for all, or for this one. */
  async ask(item: Item): Promise<Answer> {
    if (this.#turn && !this.#fits(this.#turn.items, item)) this.#turn = undefined
    const turn = (this.#turn ??= this.#begin())
    const place = turn.items.push(item) - 1
    if (turn.items.length === MAX) this.#turn = undefined
    return (await turn.answers)[place]!
  }

  #begin(): Turn<Item, Answer> {
    const items: Item[] = []
    const runAll = (): Awaitable<readonly Awaitable<Answer>[]> => {
      if (this.#turn?.items === items) this.#turn = undefined
      return this.#run(items)
    }
    return { items, answers: Promise.resolve(endOfTurn()).then(runAll) }
  }
}
