/** How many ids one statement asks for at most. */
const MAX_IDS = 64

interface Turn<T> {
  readonly ids: Set<string>
  readonly answer: Promise<ReadonlyMap<string, T>>
}

/** What is asked for in one turn of the event loop is fetched together: requests that come at once share a statement. */
export class Gathering<T> {
  readonly #fetch: (ids: readonly string[]) => Promise<ReadonlyMap<string, T>>
  #turn: Turn<T> | undefined

  /** @param fetch gives what there is for the ids, and nothing for the others */
  constructor(fetch: (ids: readonly string[]) => Promise<ReadonlyMap<string, T>>) {
    this.#fetch = fetch
  }

  async ask(id: string): Promise<T | undefined> {
    const turn = (this.#turn ??= this.#begin())
    turn.ids.add(id)
    if (turn.ids.size === MAX_IDS) this.#turn = undefined
    return (await turn.answer).get(id)
  }

  #begin(): Turn<T> {
    const ids = new Set<string>()
    const fetchAll = (): Promise<ReadonlyMap<string, T>> => {
      if (this.#turn?.ids === ids) this.#turn = undefined
      return this.#fetch([...ids])
    }
    return { ids, answer: new Promise(setImmediate).then(fetchAll) }
  }
}
