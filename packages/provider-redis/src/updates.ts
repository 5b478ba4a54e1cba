/**
 * New texts for records, each on condition that nobody else was quicker.
 * @module
 */
import { NoAnswer } from './errors.js'
import type { Lines } from './pool.js'
import { SAVE } from './scripts.js'

/** A key's new text, in place of one of the version expected. */
export interface Update {
  readonly key: string
  readonly expected: string
  /** The new version and the record. */
  readonly text: string
  readonly milliseconds: number
}

/** Characters that are saved by one script: while it runs, the server does nothing else. */
const MAX_LENGTH = 256 * 1024

/** Whether one script can have one more. */
export const fits = (updates: readonly Update[], update: Update): boolean =>
  updates.reduce((sum, { text }) => sum + text.length, update.text.length) <= MAX_LENGTH

/** Which of them were saved, in one round trip. */
export async function saveAll(lines: Lines, updates: readonly Update[]): Promise<readonly boolean[]> {
  const line = lines.next()
  const { losses } = line
  const keys: string[] = []
  const args: (string | number)[] = []
  for (const { key, expected, text, milliseconds } of updates) {
    keys.push(key)
    args.push(expected, text, milliseconds)
  }
  const saved = ((await SAVE.run(line, keys, args)) as unknown[]).map((one) => Number(one) === 1)
  if (line.losses !== losses && saved.includes(false)) throw unclear()
  return saved
}

/** The client may have sent a command twice, and tell what came of the second time. */
export const unclear = (): Error =>
  new NoAnswer('the connection was lost, and nobody knows whether the session was saved')
