// A process that serves requests on a directory of sessions, as one of several application servers.
import { createManager, file } from '@sess/core'

const manager = createManager({ provider: file({ path: process.argv[2] }) })
const moment = () => new Promise((done) => setTimeout(done, Math.random() * 3))

const requests = {
  async set(session, key) {
    if (!session.isNew) session.set(key, key)
    await moment()
    await session.release()
  },
  increment: (session) => session.update('n', (n) => n + 1),
}

async function serve({ what, cookie, keys }) {
  if (what === 'destroy') {
    await moment()
    const session = await manager.read({ headers: { cookie } })
    return session.destroy()
  }
  await Promise.all(
    keys.map(async (key) => {
      const session = await manager.read({ headers: { cookie } })
      await moment()
      await requests[what](session, key)
    }),
  )
}

process.on('message', (asked) => {
  serve(asked).then(
    () => process.send({ of: asked.number }),
    (error) => process.send({ of: asked.number, error: String(error?.stack ?? error) }),
  )
})
process.on('disconnect', () => void manager.close())
await manager.ready()
process.send('ready')
