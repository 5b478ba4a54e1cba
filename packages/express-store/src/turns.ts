/** Runs what is asked for one id one after the other, so that a look and the write that follows it are one step. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>()

  take<T>(id: string, fn: () => Promise<T>): Promise<T> {
    const before = this.#last.get(id)
    const turn = before ? before.then(fn, fn) : fn()
    this.#last.set(id, turn)
    const leave = (): void => {
      if (this.#last.get(id) === turn) this.#last.delete(id)
    }
    turn.then(leave, leave)
    return turn
  }
}
