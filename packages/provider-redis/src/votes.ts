import type { HostPort } from './sentinels.js'

/** What several sentinels say. */
export class Votes {
  readonly #votes: Map<string, { readonly master: HostPort; count: number }> = new Map()
  readonly #voters: number
  #onVote: () => void = () => undefined

  constructor(voters: number) {
    this.#voters = voters
  }

  add(master: HostPort): void {
    const name = `${master.host} ${master.port}`
    const votes = this.#votes.get(name) ?? { master, count: 0 }
    votes.count++
    this.#votes.set(name, votes)
    this.#onVote()
  }

  /** Resolves when more than half of all name one that is good. */
  decided(isGood: (master: HostPort) => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#onVote = () => {
        const all = [...this.#votes.values()]
        if (all.some(({ master, count }) => 2 * count > this.#voters && isGood(master))) resolve()
      }
      this.#onVote()
    })
  }

  /** Whom most name, a good one if any is named. */
  winner(isGood: (master: HostPort) => boolean): HostPort | undefined {
    const all = [...this.#votes.values()].sort((a, b) => b.count - a.count)
    return (all.find(({ master }) => isGood(master)) ?? all[0])?.master
  }
}
