type Globals = Partial<Pick<typeof globalThis, 'setImmediate' | 'process'>> & { navigator?: { userAgent?: string } }

/** Taken at load: under a test's own clock no request would be answered. Not every runtime has them. */
const { setImmediate, process, navigator }: Globals = globalThis
/** Workers of Cloudflare end with a request what it has scheduled: who waits for another one's turn may wait for ever. */
const nextTick = navigator?.userAgent === 'Cloudflare-Workers' ? undefined : process?.nextTick.bind(process)

let end: Promise<void> | undefined

/**
 * Resolves when this turn of the event loop has taken in all that has come, for all who wait at once. What they do then is
 * the same step for one request after the other, with code and data still in the processor's caches; and what they ask a
 * server for can go as one packet or statement. Whoever waited and waits again does so until the others have gone on too,
 * and no turn longer. `undefined` where the runtime has no such turns: go on at once.
 */
export function endOfTurn(): Promise<void> | undefined {
  if (end || !setImmediate || !nextTick) return end
  end = new Promise((resolve) => {
    setImmediate(() => {
      end = untilAllWentOn(nextTick)
      resolve()
    })
  })
  return end
}

/** From so many in a turn on, what they save by going on together is more than what waiting takes. */
const BUSY = 4

/** How many came in this turn, and in the last one that had any. */
let company = 0
let lastCompany = 0

/** The same for those who only gain by others' company: as long as turns have few of them, each goes on at once. */
export function endOfBusyTurn(): Promise<void> | undefined {
  if (!setImmediate || !nextTick) return undefined
  if (++company === 1) setImmediate(beginTurn)
  return company >= BUSY || lastCompany >= BUSY ? endOfTurn() : undefined
}

function beginTurn(): void {
  lastCompany = company
  company = 0
}

/** Those who waited go on in microtasks, and the queue of ticks is looked at when there are none left. */
function untilAllWentOn(later: (fn: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    queueMicrotask(() =>
      later(() => {
        end = undefined
        resolve()
      }),
    )
  })
}
