/**
 * A long-lived session changes its token now and then, so that one that leaked is of no use for long. Its record moves
 * to the id of the new token; under the old id stays, for a short time, what leads whoever has the old token to the new
 * one: a salt, which gives the new token only together with the old. The store never holds a token. See
 * `decisions/011-renewal.md`.
 * @module
 */
import type { Awaitable } from './awaitable.js'
import { andThen } from './awaitable.js'
import { undefinedIfCorrupt } from './errors.js'
import type { Identity } from './manager.js'
import type { ManagedProvider, ManagedStore } from './managed-store.js'
import type { Successor } from './own-keys.js'
import { CREATED_AT, own, RENEWED_AT, SUCCESSOR, USER_ID } from './own-keys.js'
import { newToken, renewedToken } from './token.js'
import type { UserIndex } from './users.js'

/** A session as a request found it: under its own token, or under the one that came after. */
export interface Found {
  readonly identity: Identity
  readonly store: ManagedStore
}

/** What a renewal needs of the manager. */
export interface RenewalHost {
  readonly provider: ManagedProvider
  readonly users: UserIndex
  /** Seconds; 0: never. */
  readonly renewEvery: number
  /** Seconds. */
  readonly renewGrace: number
  readonly clock: () => number
  identityOf(token: string): Identity
  load(id: string): Awaitable<ManagedStore | undefined>
  /** Asks the provider, within its time. */
  call<T>(doing: string, fn: () => Promise<T>): Promise<T>
}

/** Whether a record is no session any more. */
export const isHandedOver = (store: ManagedStore): boolean => store.has(SUCCESSOR)

export class Renewal {
  readonly #host: RenewalHost
  /** Of parallel requests of one process, one renews. */
  readonly #underWay = new Set<string>()

  constructor(host: RenewalHost) {
    this.#host = host
  }

  /**
   * The session of a token, or of the one that came after it; `undefined` when there is none.
   * @param mayRenew whether a cookie can be set
   */
  find(identity: Identity, mayRenew: boolean): Awaitable<Found | undefined> {
    return andThen(this.#host.load(identity.id), (store) => {
      if (!store) return undefined
      if (isHandedOver(store)) return this.#follow(identity, store)
      return mayRenew && this.#isDue(store) ? this.#renew(identity, store) : { identity, store }
    })
  }

  #follow({ token }: Identity, store: ManagedStore): Awaitable<Found | undefined> {
    const successor = own(store, SUCCESSOR)
    if (!successor || this.#host.clock() >= successor.until) return undefined
    return this.find(this.#host.identityOf(renewedToken(token, successor.salt)), false)
  }

  #isDue(store: ManagedStore): boolean {
    const { renewEvery, clock } = this.#host
    if (renewEvery === 0) return false
    const since = Math.max(own(store, CREATED_AT) ?? 0, own(store, RENEWED_AT) ?? 0)
    return clock() - since >= renewEvery * 1000
  }

  /** As it was found where another request was quicker, and renews, logs in or ends the session. */
  async #renew(identity: Identity, store: ManagedStore): Promise<Found> {
    if (this.#underWay.has(identity.id)) return { identity, store }
    this.#underWay.add(identity.id)
    try {
      const salt = newToken()
      const next = this.#host.identityOf(renewedToken(identity.token, salt))
      const done = await this.#handOver(store, next.id, salt)
      return (done ? await this.find(next, false) : undefined) ?? { identity, store }
    } finally {
      this.#underWay.delete(identity.id)
    }
  }

  /** The user's index lists the new id before it is a session's, and the old one for as long as that can be one's. */
  async #handOver(store: ManagedStore, to: string, salt: string): Promise<boolean> {
    const { users, provider, clock, renewGrace } = this.#host
    const userId = own(store, USER_ID)
    if (userId !== undefined && !(await users.move(userId, store.id, to))) return false
    const now = clock()
    const left: Successor = { id: to, salt, until: now + renewGrace * 1000 }
    const done = await this.#host.call('renew', () =>
      provider.handOver(store.id, to, { [RENEWED_AT]: now }, { [SUCCESSOR]: left }, renewGrace),
    )
    if (userId !== undefined) await users.remove(userId, done ? store.id : to)
    return done
  }

  /** Gives a session another id, also one that was renewed meanwhile. When it resolves, all former ids are dead. */
  async regenerate(oldId: string, id: string): Promise<ManagedStore> {
    const { provider } = this.#host
    const store = await provider.regenerate(oldId, id)
    if (!isHandedOver(store)) return store
    const successor = own(store, SUCCESSOR)
    await provider.destroy(id)
    return successor ? this.regenerate(successor.id, id) : provider.create(id)
  }

  /** Ends a session, also one that is renewed at this moment: what ended can't be handed over any more. */
  async end(id: string): Promise<void> {
    const { provider, renewEvery } = this.#host
    if (renewEvery > 0) await this.#markEnded(id)
    await provider.destroy(id)
  }

  async #markEnded(id: string): Promise<void> {
    const store = await ifSound(() => this.#host.provider.find(id))
    if (!store) return
    store.flush()
    store.set(SUCCESSOR, null satisfies Successor)
    await store.release()
    if (store.outcome !== 'moved') return
    const successor = await ifSound(async () => {
      const old = await this.#host.provider.find(id)
      return old && own(old, SUCCESSOR)
    })
    if (successor) await this.end(successor.id)
  }
}

/** A session that can't be read can be ended all the same. */
async function ifSound<T>(read: () => Awaitable<T>): Promise<T | undefined> {
  try {
    return await read()
  } catch (error) {
    return undefinedIfCorrupt(error)
  }
}
