// The API reference in docs/api, from the docstrings of all that the packages export.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Application, Logger, LogLevel } from 'typedoc'
import { root } from '../run/root.mjs'

/** Where it is written; not committed. */
const folder = join(root, 'docs/api')

/**
 * Types whose members are somebody else's: shapes by which a driver takes the application's own client, and unnamed parts
 * of a type that has a docstring as a whole.
 */
const FOREIGN =
  /\.(RedisNode|RedisClient|PostgresPool|MysqlPool|MysqlConnection|ExecuteOptions|CouchbaseCollection|__type)\./

/**
 * Reads the sources, and gives what typedoc finds wrong: above all exported things without a docstring.
 * @returns {Promise<{ application: Application, project: import('typedoc').ProjectReflection | undefined, warnings: string[] }>}
 */
export async function readSources() {
  /** @type {string[]} */
  const warnings = []
  const application = await Application.bootstrapWithPlugins({
    entryPoints: publicFiles(),
    tsconfig: join(root, 'tools/docs/tsconfig.json'),
    plugin: ['typedoc-plugin-markdown'],
    name: '@sess',
    out: folder, // typedoc empties it first
    readme: 'none',
    excludePrivate: true,
    excludeInternal: true,
    excludeExternals: true,
    disableSources: true,
    packagesRequiringDocumentation: readdirSync(join(root, 'packages')).map((name) => `@sess/${name}`),
    validation: { notExported: false, invalidLink: true, notDocumented: true },
    logLevel: LogLevel.Warn,
  })
  application.logger = new (class extends Logger {
    /** @override @param {string} text @param {import('typedoc').LogLevel} level */
    log(text, level) {
      if (level >= LogLevel.Warn && !FOREIGN.test(text)) warnings.push(text)
    }
  })()
  const project = await application.convert()
  if (project) application.validate(project)
  return { application, project, warnings }
}

/** Writes docs/api as Markdown. */
export async function writeApi() {
  const { application, project, warnings } = await readSources()
  for (const warning of warnings) console.warn(warning)
  if (!project || warnings.length > 0) return 1
  await application.generateOutputs(project)
  return 0
}

/** The source of each entry of each published package, as its tsup.config.ts names it. */
function publicFiles() {
  return readdirSync(join(root, 'packages')).flatMap((name) => {
    const config = join(root, 'packages', name, 'tsup.config.ts')
    if (!existsSync(config)) return []
    const sources = readFileSync(config, 'utf8').matchAll(/'(src\/[\w/-]+\.ts)'/g)
    return Array.from(sources, ([, source]) => join(root, 'packages', name, String(source)))
  })
}
