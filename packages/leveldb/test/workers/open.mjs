// Opens a directory, says what came of it, and keeps it open until it is disconnected: <provider> <directory>.
import { createManager } from '@sess/core'

const [provider, directory] = process.argv.slice(2)
const driver = await import(`../../../provider-${provider}/dist/index.js`)
const manager = createManager({
  provider: driver[provider]({ [provider === 'ledis' ? 'dataDir' : 'path']: directory }),
})
const { code, message } = await manager.ready().then(
  () => ({ code: 'open' }),
  (error) => error,
)
process.send({ code, message })
process.on('disconnect', () => process.exit())
