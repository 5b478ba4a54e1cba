/** What is used of a manager, so that it may be that of the sources or of the built package. */
interface Manager {
  readonly options: { readonly cookieName: string }
  readonly provider: { create(id: string): { set(key: string, value: unknown): void; release(): Promise<void> } }
  ready(): Promise<unknown>
  newIdentity(): { readonly token: string; readonly id: string }
  cookieValue(token: string): string
}

/** A new stored session; gives its Cookie header. */
export async function begin(manager: Manager, data: Record<string, unknown> = { begun: true }): Promise<string> {
  await manager.ready()
  const { token, id } = manager.newIdentity()
  const store = manager.provider.create(id)
  for (const [key, value] of Object.entries(data)) store.set(key, value)
  await store.release()
  return `${manager.options.cookieName}=${manager.cookieValue(token)}`
}
