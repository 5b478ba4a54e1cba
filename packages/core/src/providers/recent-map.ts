/** A map that keeps at most `max` entries: the least recently used goes first. Without a maximum it costs a Map's price. */
export class RecentMap<Value> {
  readonly #max: number
  readonly #evicted: (id: string) => void
  /** Least recently used first, where a maximum is set. */
  readonly #values = new Map<string, Value>()
  /** Goes on from the last eviction, since all before it is gone: a new iterator would pass each gap again. */
  #oldest: MapIterator<string> | undefined
  /** Entries that were put at the end since. */
  #moved = 0

  constructor(max: number, evicted: (id: string) => void = () => undefined) {
    this.#max = max
    this.#evicted = evicted
  }

  /** Does not count as a use. */
  get(id: string): Value | undefined {
    return this.#values.get(id)
  }

  set(id: string, value: Value): void {
    if (this.#max !== Number.POSITIVE_INFINITY) this.#makeWay(id)
    this.#values.set(id, value)
    while (this.#values.size > this.#max) this.#evictOldest()
  }

  /** Counts a use of what is there. */
  use(id: string, value: Value): void {
    if (this.#max !== Number.POSITIVE_INFINITY) this.set(id, value)
  }

  delete(id: string): boolean {
    return this.#values.delete(id)
  }

  clear(): void {
    this.#values.clear()
  }

  entries(): MapIterator<[string, Value]> {
    return this.#values.entries()
  }

  /**
   * While the place of the last eviction is kept, so are all entries that were there since: a walk over all lets go, and
   * so many uses that a new iterator's way past the gaps is little to each.
   */
  letGo(): void {
    this.#oldest = undefined
    this.#moved = 0
  }

  /** So that it is put at the end. */
  #makeWay(id: string): void {
    this.#values.delete(id)
    if (++this.#moved > this.#max) this.letGo()
  }

  #evictOldest(): void {
    this.#oldest ??= this.#values.keys()
    const id = this.#oldest.next().value! // there is one: it is called when there are too many
    this.#values.delete(id)
    this.#evicted(id)
  }
}
