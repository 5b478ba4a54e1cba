/**
 * Sentences that wait for time to pass: they wait together, so that the kit takes as long as the longest of them.
 * @module
 */
import type { ResolvedConformance } from './options.js'
import { prove } from './prove.js'
import type { Proof, State } from './steps.js'

export class Together {
  readonly #options: ResolvedConformance
  readonly #proofs: Proof[] = []
  readonly #running: Promise<void>[] = []

  constructor(options: ResolvedConformance) {
    this.#options = options
  }

  /** Adds to `state` that the first proof that is asked for starts all. With a clock of ours nothing has to wait. */
  with(state: State): State {
    return (sentence, proof) => {
      const place = this.#proofs.push(proof) - 1
      state(sentence, this.#options.clock ? proof : () => this.#start(place))
    }
  }

  #start(place: number): Promise<void> {
    for (const proof of this.#proofs.slice(this.#running.length)) {
      const run = prove(proof, this.#options)
      run.catch(() => undefined) // its own sentence tells of it
      this.#running.push(run)
    }
    return this.#running[place]!
  }
}
