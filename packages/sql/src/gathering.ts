import { endOfTurn } from '@sess/core'

/** How many are asked for together at most. */
const MAX = 64

interface Turn<Item, Answer> {
  readonly items: Item[]
  readonly answers: Promise<readonly Promise<Answer>[]>
}

/** What is asked for in one turn of the event loop goes together: requests that come at once share a statement. */
export class Gathering<Item, Answer> {
  readonly #run: (items: readonly Item[]) => readonly Promise<Answer>[]
  readonly #fits: (items: readonly Item[], item: Item) => boolean
  #turn: Turn<Item, Answer> | undefined

  /**
   * @param run gives each item its answer, in their order
   * @param fits whether one more can go with those that are there; else it begins the next statement
   */
  constructor(
    run: (items: readonly Item[]) => readonly Promise<Answer>[],
    fits: (items: readonly Item[], item: Item) => boolean = () => true,
  ) {
    this.#run = run
    this.#fits = fits
  }

  async ask(item: Item): Promise<Answer> {
    if (this.#turn && !this.#fits(this.#turn.items, item)) this.#turn = undefined
    const turn = (this.#turn ??= this.#begin())
    const place = turn.items.push(item) - 1
    if (turn.items.length === MAX) this.#turn = undefined
    return (await turn.answers)[place]!
  }

  #begin(): Turn<Item, Answer> {
    const items: Item[] = []
    const runAll = (): readonly Promise<Answer>[] => {
      if (this.#turn?.items === items) this.#turn = undefined
      return this.#run(items)
    }
    return { items, answers: Promise.resolve(endOfTurn()).then(runAll) }
  }
}
