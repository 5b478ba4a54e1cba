// Two programs of one text: <provider> <directory> <sync>.
import { writeUntilKilled } from '../../../../tools/testing/writer.mjs'

const [provider, directory, sync] = process.argv.slice(2)
const driver = await import(`../../../provider-${provider}/dist/index.js`)
const options = { [provider === 'ledis' ? 'dataDir' : 'path']: directory, sync: sync === 'true' }
await writeUntilKilled(driver[provider](options))
