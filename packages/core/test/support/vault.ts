import type { Manager, Provider, SessionOptions } from '../../src/index.js'
import { createManager, defineProvider } from '../../src/index.js'
import { MemoryStorage } from '../../src/providers/memory.js'
import { Visitor } from '../../src/testing/visitor.js'

/** A manager, opened. */
export async function managerOf(provider: Provider, encryptionKey: SessionOptions['encryptionKey']): Promise<Manager> {
  const manager = createManager({ provider, ...(encryptionKey !== undefined && { encryptionKey }) })
  await manager.ready()
  return manager
}

/** One store for all managers of a test, the text that it holds, and a way to change it behind their backs. */
export class Vault {
  readonly records: MemoryStorage = new MemoryStorage(Number.POSITIVE_INFINITY, Date.now)

  manager(encryptionKey?: SessionOptions['encryptionKey']): Promise<Manager> {
    return managerOf(defineProvider({ name: 'vault', open: () => this.records }), encryptionKey)
  }

  async record(id: string): Promise<Record<string, string>> {
    return JSON.parse(this.records.load(id)!.data) as Record<string, string>
  }

  async edit(id: string, edit: (record: Record<string, unknown>) => void): Promise<void> {
    const record = await this.record(id)
    edit(record)
    const { version } = this.records.load(id)!
    this.records.save(id, JSON.stringify(record), 60, version, `edited ${Math.random()}`)
  }
}

/** A visitor with a session of these values. */
export async function begin(
  manager: Manager,
  values: Record<string, unknown>,
): Promise<{ visitor: Visitor; id: string }> {
  const visitor = new Visitor()
  const id = await visitor.visit(manager, (session) => {
    for (const [key, value] of Object.entries(values)) session.set(key, value)
    return session.id
  })
  return { visitor, id }
}
