/**
 * What a driver says of a table that can't hold sessions.
 * @module
 */
import { SessionError } from '@sess/core'

/** An error that names the problem and prints the SQL to run. */
export type Unfit = (problem: string, sql: string, cause?: unknown) => SessionError

/** The errors of one provider. */
export const unfitFor =
  (provider: string): Unfit =>
  (problem, sql, cause) =>
    new SessionError('SESS_STORE', `provider ${provider}: ${problem}:\n\n${sql}\n`, { provider, cause })

/** For a table without our key: the SQL would take it from whom it belongs to. */
export const OR_ANOTHER = "; where it is another program's, give ours another name by the option table, and else run"
