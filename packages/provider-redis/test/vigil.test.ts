import { EventEmitter } from 'node:events'
import { describe, expect, it, vi } from 'vitest'
import { Vigil } from '../src/vigil.js'
import { sleep } from './support.js'

/** A client that does nothing by itself. */
class Client extends EventEmitter {
  status = 'connecting'
  readonly disconnect = vi.fn<() => void>()
  readonly call = vi.fn<() => Promise<unknown>>()
}

function watched(): { client: Client; onOver: ReturnType<typeof vi.fn>; vigil: Vigil } {
  const client = new Client()
  const onOver = vi.fn<() => void>()
  const vigil = new Vigil(client, {
    patience: 50,
    idle: 0,
    onOver,
    onAway: vi.fn<() => void>(),
    onReady: vi.fn<() => void>(),
  })
  vigil.begin()
  return { client, onOver, vigil }
}

describe('a client of which nothing comes', () => {
  it('is told to connect anew, and given up if still nothing comes', async () => {
    const { client, onOver } = watched()
    await sleep(75)
    expect(client.disconnect).toHaveBeenCalledExactlyOnceWith(true)
    expect(onOver).not.toHaveBeenCalled()
    await sleep(75)
    expect(onOver).toHaveBeenCalledOnce()
  })

  it('is kept while it tries to connect', async () => {
    const { client, onOver, vigil } = watched()
    for (let i = 0; i < 8; i++) {
      await sleep(20)
      client.emit('close')
      client.emit('error', new Error('connect ECONNREFUSED'))
    }
    expect(onOver).not.toHaveBeenCalled()
    vigil.stop()
  })
})
