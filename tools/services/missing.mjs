/** No server of this kind is named, found or installable. Its message says what to do. */
export class MissingServiceError extends Error {
  /** @param {string} name @param {import('./types.js').Definition} definition @param {unknown} cause */
  constructor(name, { variable, packages }, cause) {
    const install = `install ${packages.join(' ')}`
    const cure = process.env[variable]
      ? `${variable} names one, but one that can be paused, killed or configured is needed: ${install}.`
      : `Set ${variable} to the URL of one, or ${install}, or see tools/services/compose.yaml.`
    super(`No ${name} here. ${cure}${cause instanceof Error ? ` (${cause.message})` : ''}`, { cause })
    this.name = 'MissingServiceError'
  }
}

/** Whether a missing server has to be a failure. */
export const inCI = () => !['', '0', 'false'].includes(process.env.CI ?? '')
