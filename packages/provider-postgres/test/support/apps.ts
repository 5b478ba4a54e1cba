import { fileURLToPath } from 'node:url'
import type { AppOptions } from '../../../sql/test/app.js'
import { App } from '../../../sql/test/app.js'

const script = fileURLToPath(new URL('../app.mjs', import.meta.url))

/** An application server in a process of its own. */
export const startApp = (options: AppOptions): Promise<App> => App.start(script, options)
