/**
 * A walk over all files of the provider `file`.
 * @module
 */
import { opendir } from 'node:fs/promises'
import { join } from 'node:path'
import type { FileRoot } from './file-root.js'

/**
 * Calls `fn` for each file, one after the other, until the signal says to end. One that can't be read or removed,
 * perhaps another user's, keeps none of the others from it: the first failure is thrown at the end.
 */
export async function eachFile(
  root: FileRoot,
  signal: AbortSignal,
  fn: (name: string, path: string) => Promise<void>,
): Promise<void> {
  await root.check()
  await despiteFailures(directories(root.path), signal, (first) =>
    despiteFailures(directories(first), signal, (second) =>
      despiteFailures(files(second), signal, (name) => fn(name, join(second, name))),
    ),
  )
}

/** Those of sessions have names of one character; `lost+found`, on a volume of its own, is for root alone. */
async function* directories(path: string): AsyncGenerator<string> {
  for await (const entry of await opendir(path)) {
    if (entry.isDirectory() && entry.name.length === 1) yield join(path, entry.name)
  }
}

async function* files(path: string): AsyncGenerator<string> {
  for await (const entry of await opendir(path, { bufferSize: 256 })) if (entry.isFile()) yield entry.name
}

/** Goes on with the others where one fails, and throws the first failure at the end. */
async function despiteFailures<T>(
  items: AsyncIterable<T>,
  signal: AbortSignal,
  fn: (item: T) => Promise<void>,
): Promise<void> {
  let failure: { readonly error: unknown } | undefined
  for await (const item of items) {
    if (signal.aborted) break
    await fn(item).catch((error: unknown) => (failure ??= { error }))
  }
  if (failure) throw failure.error
}
