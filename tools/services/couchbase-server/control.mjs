/** @typedef {'temporary' | 'locked' | 'drop' | 'lose' | 'silent'} Fault drop: not carried out; lose: carried out */

const faults = ['temporary', 'locked', 'drop', 'lose', 'silent']

/** What a test tells the server beside the protocol: faults to make; and asks: which commands came. */
export class Control {
  #expiryOf
  #dump
  /** @type {string[]} */
  #log = []
  /** @type {{ command: string, fault: Fault, times: number }[]} */
  #faults = []

  /** @param {(key: string) => number | undefined} expiryOf @param {() => string} dump */
  constructor(expiryOf, dump) {
    this.#expiryOf = expiryOf
    this.#dump = dump
  }

  /** @param {string} command */
  note(command) {
    this.#log.push(command)
  }

  /** @param {string} command @returns {Fault | undefined} */
  faultOf(command) {
    const fault = this.#faults.find((each) => each.times > 0 && each.command === command)
    if (fault) fault.times--
    return fault?.fault
  }

  /**
   * `GET /log` gives the names of all commands since the last time; `POST /fault` takes `{ command, fault, times }`,
   * `DELETE /fault` ends all. `GET /expiry/KEY` gives the date of a document in the default collection,
   * `GET /dump` all keys and values in it.
   * @param {string} what @param {string} body
   */
  answer(what, body) {
    if (what === 'GET /log') return JSON.stringify(this.#log.splice(0))
    if (what === 'GET /dump') return this.#dump()
    if (what === 'DELETE /fault') this.#faults = []
    else if (what === 'POST /fault') this.#add(JSON.parse(body))
    else if (what.startsWith('GET /expiry/')) return JSON.stringify(this.#expiryOf(decodeURIComponent(what.slice(12))))
    else return undefined
    return '{}'
  }

  /** @param {{ command: string, fault: Fault, times?: number }} fault */
  #add({ command, fault, times = 1 }) {
    if (!faults.includes(fault)) throw new Error(`unknown fault ${fault}`)
    this.#faults.push({ command, fault, times })
  }
}
