/**
 * What requests ask for in one turn goes as one command: one that is read or saved with others costs a fraction of what
 * it does alone, here and on the server.
 * @module
 */
import type { Awaitable } from '@sess/core'
import { Gathering } from '@sess/core'
import { isUnsupported, Refusal } from './errors.js'

/** How items are asked for. */
export interface Ways<Item, Answer> {
  /** By one command, to each its answer, in their order. */
  readonly all: (items: readonly Item[]) => Promise<readonly Answer[]>
  readonly alone: (item: Item) => Promise<Answer>
  /** Whether one more can go with those that are there. */
  readonly fits?: (items: readonly Item[], item: Item) => boolean
}

/** Asks for items together, where the server lets it; an error of one of them isn't that of all. */
export class Together<Item, Answer> {
  readonly #ways: Ways<Item, Answer>
  readonly #gathering: Gathering<Item, Answer>
  #isPossible: boolean

  /** @param isPossible whether all keys are on one server */
  constructor(isPossible: boolean, ways: Ways<Item, Answer>) {
    this.#isPossible = isPossible
    this.#ways = ways
    this.#gathering = new Gathering((items: readonly Item[]) => this.#askAll(items), ways.fits)
  }

  ask(item: Item): Promise<Answer> {
    return this.#isPossible ? this.#gathering.ask(item) : this.#ways.alone(item)
  }

  async #askAll(items: readonly Item[]): Promise<readonly Awaitable<Answer>[]> {
    try {
      if (items.length > 1) return await this.#ways.all(items)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      if (isUnsupported(error)) this.#isPossible = false
    }
    return items.map((item) => this.#ways.alone(item))
  }
}
