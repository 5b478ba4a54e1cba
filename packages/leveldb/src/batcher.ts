import type { Awaitable } from '@sess/core'

/** What a {@link Batcher} is told. */
export interface BatcherOptions<Item, Answer> {
  /** Does a batch; gives the answers in the order of the items. An error is one for each of them. */
  readonly run: (items: Item[]) => Promise<readonly Awaitable<Answer>[]>
  /** What an item adds to a batch. */
  readonly weightOf: (item: Item) => number
  /** A batch is full with the item that reaches this. */
  readonly fullWeight: number
  /** Batches under way at a time. */
  readonly atOnce: number
}

interface Job<Item, Answer> {
  readonly item: Item
  readonly done: (answer: Awaitable<Answer>) => void
  readonly failed: (error: unknown) => void
}

/**
 * Lets what comes while a batch is under way go together, as the next one. Nothing waits while nothing is under way, and
 * a full batch only as long as there are as many under way as there may be.
 */
export class Batcher<Item, Answer> {
  readonly #options: BatcherOptions<Item, Answer>
  #waiting: Job<Item, Answer>[] = []
  /** Of what waits. */
  #weight = 0
  #underWay = 0

  constructor(options: BatcherOptions<Item, Answer>) {
    this.#options = options
  }

  add(item: Item): Promise<Answer> {
    return new Promise((done, failed) => {
      const { weightOf, fullWeight, atOnce } = this.#options
      this.#waiting.push({ item, done, failed })
      this.#weight += weightOf(item)
      if (this.#underWay === 0 || (this.#weight >= fullWeight && this.#underWay < atOnce)) void this.#drain()
    })
  }

  /** Batch after batch, until nothing waits. Never rejects. */
  async #drain(): Promise<void> {
    this.#underWay++
    while (this.#waiting.length > 0) {
      const jobs = this.#next()
      try {
        const answers = await this.#options.run(jobs.map(({ item }) => item))
        jobs.forEach(({ done }, i) => done(answers[i] as Awaitable<Answer>))
      } catch (error) {
        for (const { failed } of jobs) failed(error)
      }
    }
    this.#underWay--
  }

  #next(): Job<Item, Answer>[] {
    const { weightOf, fullWeight } = this.#options
    let weight = 0
    const last = this.#waiting.findIndex(({ item }) => (weight += weightOf(item)) >= fullWeight)
    this.#weight -= weight
    return this.#waiting.splice(0, last < 0 ? this.#waiting.length : last + 1)
  }
}
