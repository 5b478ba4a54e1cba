import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import { DemoProcess } from './process.js'
import { Visitor } from './visitor.js'

const running = new Set<DemoProcess>()
afterEach(async () => {
  await Promise.all([...running].map((demo) => demo.stop('SIGKILL')))
  running.clear()
})

function run(...args: string[]): DemoProcess {
  const demo = new DemoProcess(...args)
  running.add(demo)
  return demo
}

describe('the process', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('starts, serves, and ends with 0 on %s', async (signal) => {
    const demo = run('--port', '0')
    const page = await new Visitor(await demo.url()).post('/cart/add', { product: 'chip' })
    expect(page).toMatchObject({ status: 200, inCart: 1 })
    expect(await demo.stop(signal)).toMatchObject({ code: 0, errors: '' })
  })

  it('lets a request in flight finish', async () => {
    const demo = run('--port', '0')
    const visitor = new Visitor(await demo.url())
    await visitor.post('/cart/add', { product: 'chip' })
    const slow = visitor.submit('/slow')
    await new Promise((resolve) => setTimeout(resolve, 300))
    const ended = demo.stop()
    expect((await slow).headers.get('location')).toBe('/slow')
    expect((await ended).code).toBe(0)
  })

  it('finds its sessions again after a restart, on file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sess-demo-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const args = ['--port', '0', '--provider', 'file', '--provider-config', folder]
    const first = run(...args)
    const visitor = new Visitor(await first.url())
    await visitor.post('/signup', { name: 'Ada', password: 'lovelace1' })
    await visitor.post('/cart/add', { product: 'chip' })
    await first.stop()
    const again = Object.assign(new Visitor(await run(...args).url()), { cookie: visitor.cookie })
    expect(await again.get('/')).toMatchObject({ user: 'Ada', inCart: 1 })
  })

  it('says that the port is taken', async () => {
    const { port } = new URL(await run('--port', '0').url())
    const { code, errors } = await run('--port', port).ended()
    expect(errors).toBe(`Port ${port} is taken. Choose another: --port 3001, or 0 for any.\n`)
    expect(code).toBe(1)
  })

  it.each([
    [
      ['--provider', 'nonesuch'],
      /^The provider "nonesuch" needs the package @sess\/provider-nonesuch, which is not installed/,
    ],
    [['--provider-config', 'max=x'], /^option max: expected .*\n$/],
    [['--what'], /--what[^]*Usage: npm start/],
  ])('tells what is wrong with %j, without a stack', async (args, message) => {
    const { code, errors, output } = await run('--port', '0', ...args).ended()
    expect(errors).toMatch(message)
    expect(errors).not.toMatch(/\n {4}at /)
    expect({ code, output }).toEqual({ code: 1, output: '' })
  })
})
