/**
 * Lets operations on one id go one after the other: where a store has no compare-and-set, comparing and then writing is
 * one step if nobody of this process comes in between.
 */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>()

  /** Runs `fn` when all that was asked for before on any of these ids is over. Nobody can wait in a circle. */
  run<T>(ids: readonly string[], fn: () => Promise<T>): Promise<T> {
    const before = ids.map((id) => this.#last.get(id)).filter((turn) => turn !== undefined)
    const result = before.length === 0 ? fn() : Promise.all(before).then(fn)
    const turn: Promise<void> = result.then(
      () => this.#leave(ids, turn),
      () => this.#leave(ids, turn),
    )
    for (const id of ids) this.#last.set(id, turn)
    return result
  }

  /** Resolves when all that was asked for so far is over, whether it failed or not. */
  async settled(): Promise<void> {
    await Promise.all(this.#last.values())
  }

  #leave(ids: readonly string[], turn: Promise<unknown>): void {
    for (const id of ids) if (this.#last.get(id) === turn) this.#last.delete(id)
  }
}
