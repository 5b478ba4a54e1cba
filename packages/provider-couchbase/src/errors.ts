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
  TimeoutError,
  ValueTooLargeError,
} from 'couchbase'

export const PROVIDER = 'couchbase'

/** Absent, taken, or changed: answers, not failures. */
export const isMissing = (error: unknown): boolean => error instanceof DocumentNotFoundError
export const isChanged = (error: unknown): boolean =>
  error instanceof CasMismatchError || error instanceof DocumentExistsError
export const isTooLarge = (error: unknown): boolean => error instanceof ValueTooLargeError

/** Its connection was lost. */
export const isCanceled = (error: unknown): boolean => error instanceof RequestCanceledError

/** Nobody knows whether it was carried out, or still will be. */
export const isAmbiguous = (error: unknown): boolean => AMBIGUOUS.some((kind) => error instanceof kind)

const AMBIGUOUS = [AmbiguousTimeoutError, RequestCanceledError, DurabilityAmbiguousError]

/** No node served it in time. One that says until then that this very document is locked, serves the others. */
export const isUnreachable = (error: unknown): boolean =>
  isCanceled(error) ||
  (error instanceof TimeoutError && !reasonsOf(error).some((reason) => OF_A_DOCUMENT.includes(reason)))

const OF_A_DOCUMENT = [
  'key_value_locked',
  'key_value_sync_write_in_progress',
  'key_value_sync_write_re_commit_in_progress',
]

/** What the operator is told of an outage. */
export const away = (cause: Error): SessionError =>
  new SessionError('SESS_STORE', `couchbase can't be reached: ${messageOf(cause)}`, { cause, provider: PROVIDER })

/** Its message says why the SDK tried again until time was up: a bucket that isn't there looks like a slow server. */
export function storeError(doing: string, error: unknown): SessionError {
  return new SessionError('SESS_STORE', `couchbase could not ${doing}: ${messageOf(error)}`, {
    cause: error,
    provider: PROVIDER,
  })
}

function messageOf(error: unknown): string {
  const reasons = reasonsOf(error)
  const { message } = error as { message?: string }
  return `${message || String(error)}${reasons.length > 0 ? ` (${reasons.join(', ')})` : ''}`
}

/** Why the SDK tried again. */
function reasonsOf(error: unknown): string[] {
  const { context } = error as { context?: { retry_reasons?: unknown } }
  return Array.isArray(context?.retry_reasons) ? context.retry_reasons : []
}
