/**
 * A value that a request holds.
 * @module
 */

/**
 * A value in the hands of this request, and its text when it was loaded. Another text now: changed in place. What this
 * request set has no text yet: it is encoded once, when it is released, in the order in which the keys were set.
 */
export interface HeldValue {
  readonly value: unknown
  text: string | undefined
  /** What the text says, in nobody's hands: to compare with it is quicker than to encode the value again. */
  twin: unknown
}

/** Longer ones are not held twice. */
export const TWIN_LENGTH = 4096

/** For a key that this request removed. */
export const ABSENT: HeldValue = { value: undefined, text: undefined, twin: undefined }

export const isUnencoded = (held: HeldValue): boolean => held.text === undefined && held !== ABSENT

/** Whether it can be changed in place. */
export const isObject = ({ value }: HeldValue): boolean => typeof value === 'object' && value !== null
