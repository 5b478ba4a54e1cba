/** A session in a real store, of which the driver was loaded another way than core. */
import assert from 'node:assert/strict'

/**
 * @param {import('@sess/core')} core
 * @param {import('@sess/core/fetch')} fetch
 */
export async function visit({ SessionError }, { sessioner }) {
  const sessions = sessioner({ provider: 'ledis', providerConfig: `data_dir=${process.argv[2]}` })
  const { session, commit } = await sessions.open(new Request('http://localhost/'))
  session.set('since', new Date(0))
  const answer = await commit(new Response('hello'))
  const cookie = answer.headers.getSetCookie()[0].split(';')[0]
  const again = await sessions.open(new Request('http://localhost/', { headers: { cookie } }))
  assert.deepEqual(again.session.get('since'), new Date(0))
  await sessions.close()
  // The driver throws the errors of its own copy of core.
  await assert.rejects(sessions.manager.provider.count(), (error) => error instanceof SessionError)
  console.log('visited')
}
