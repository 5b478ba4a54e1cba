/**
 * What connect-mongo asks of MongoDB, answered from a Map: there is no mongod to test with. Documents are copied on their way
 * in and out, as a server does, and all answers are promises.
 */
import type { MongoClient } from 'mongodb'

interface Doc {
  _id: string
  session: unknown
  expires?: Date
}

type Update = { $set: Partial<Doc> }

class Collection {
  readonly #docs = new Map<string, Doc>()

  async createIndex(): Promise<string> {
    return 'expires_1'
  }

  async findOne({ _id }: { _id: string }): Promise<Doc | null> {
    return this.#living().find((doc) => doc._id === _id) ?? null
  }

  async *find(): AsyncGenerator<Doc> {
    yield* this.#living()
  }

  async updateOne({ _id }: { _id: string }, { $set }: Update, { upsert = false } = {}): Promise<object> {
    const before = this.#docs.get(_id)
    if (before || upsert) this.#docs.set(_id, structuredClone({ ...before, ...$set, _id } as Doc))
    return { matchedCount: before ? 1 : 0, upsertedCount: !before && upsert ? 1 : 0 }
  }

  async deleteOne({ _id }: { _id: string }): Promise<object> {
    return { deletedCount: this.#docs.delete(_id) ? 1 : 0 }
  }

  async countDocuments(): Promise<number> {
    return this.#docs.size
  }

  /** Those that the filter of connect-mongo lets through: no expiry, or one that is to come. */
  #living(): Doc[] {
    const now = new Date()
    return structuredClone([...this.#docs.values()].filter(({ expires }) => !expires || expires > now))
  }
}

/** A client of one database with one collection. */
export function mongoClient(): MongoClient {
  const collection = new Collection()
  const client = { db: () => ({ collection: () => collection }), close: async (): Promise<void> => undefined }
  return client as unknown as MongoClient
}
