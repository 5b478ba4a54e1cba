/**
 * Parts of the conformance kit.
 * @module
 */
import { describe, it } from 'vitest'

/** `describe` for one chapter alone. */
export const only =
  (wanted: string) =>
  (chapter: string, body: () => void): unknown =>
    chapter === wanted &&
    describe(chapter, () => {
      body()
    })

/** `it` for all sentences but some. */
export const allBut =
  (left: readonly string[]) =>
  (sentence: string, proof: () => Promise<void>, timeout?: number): unknown =>
    left.includes(sentence) || it(sentence, proof, timeout)
