/**
 * What the SDK throws, by what became of the request.
 * @module
 */
import { SessionError } from '@sess/core'
import {
  AmbiguousTimeoutError,
  CasMismatchError,
  DocumentExistsError,
  DocumentNotFoundError,
  DurabilityAmbiguousError,
  RequestCanceledError,
  ValueTooLargeError,
} from 'couchbase'

export const PROVIDER = 'couchbase'

/** Absent, taken, or changed: answers, not failures. */
export const isMissing = (error: unknown): boolean => error instanceof DocumentNotFoundError
export const isChanged = (error: unknown): boolean =>
  error instanceof CasMismatchError || error instanceof DocumentExistsError
export const isTooLarge = (error: unknown): boolean => error instanceof ValueTooLargeError

/** Nobody knows whether it was carried out, or still will be. */
export const isAmbiguous = (error: unknown): boolean => AMBIGUOUS.some((kind) => error instanceof kind)

const AMBIGUOUS = [AmbiguousTimeoutError, RequestCanceledError, DurabilityAmbiguousError]

/** Its message says why the SDK tried again until time was up: a bucket that isn't there looks like a slow server. */
export function storeError(doing: string, error: unknown): SessionError {
  const { message, context } = error as { message?: string; context?: { retry_reasons?: unknown } }
  const reasons = Array.isArray(context?.retry_reasons) ? ` (${context.retry_reasons.join(', ')})` : ''
  const text = `couchbase could not ${doing}: ${message || String(error)}${reasons}`
  return new SessionError('SESS_STORE', text, { cause: error, provider: PROVIDER })
}
