import type { Request } from 'express'

interface Gate {
  readonly request: string
  missing: number
  readonly opened: Promise<void>
  readonly open: () => void
}

/**
 * Makes requests overlap for certain: those of a meeting wait for each other after their sessions were loaded, so none
 * has seen what another is about to change.
 */
export class Gates {
  readonly #gates = new Set<Gate>()

  /**
   * The next `count` requests of this kind go on together.
   * @param request method and path, such as `POST /cart/add`
   * @returns resolves when they are all there
   */
  meet(request: string, count: number): Promise<void> {
    let open = (): void => undefined
    const opened = new Promise<void>((resolve) => (open = resolve))
    this.#gates.add({ request, missing: count, opened, open })
    return opened
  }

  /** @internal Resolves at once for a request that no meeting waits for. */
  async pass({ method, path }: Pick<Request, 'method' | 'path'>): Promise<void> {
    const gate = [...this.#gates].find(({ request }) => request === `${method} ${path}`)
    if (!gate) return
    gate.missing -= 1
    if (gate.missing === 0) {
      this.#gates.delete(gate)
      gate.open()
    }
    await gate.opened
  }
}
