import { RequestCanceledError, UnambiguousTimeoutError } from 'couchbase'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Alarm } from '../src/alarm.js'

const SILENCE = 1000

describe('the alarm', () => {
  let reports: Error[]
  let alarm: Alarm
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance'] })
    reports = []
    alarm = new Alarm((error) => void reports.push(error), SILENCE)
  })
  afterEach(() => vi.useRealTimers())

  const timeout = new UnambiguousTimeoutError(new Error('unambiguous_timeout'))
  const fail = (error: Error = timeout): Promise<unknown> => alarm.watch(Promise.reject(error)).catch(() => undefined)
  const answer = (): Promise<string> => alarm.watch(Promise.resolve('answer'))

  it('gives what it was given', async () => {
    expect(await answer()).toBe('answer')
    await expect(alarm.watch(Promise.reject(timeout))).rejects.toBe(timeout)
  })

  it('tells of an outage once, however long nothing is asked in it', async () => {
    alarm.turnOn()
    for (let i = 0; i < 3; i++) {
      await fail()
      vi.advanceTimersByTime(10 * SILENCE)
    }
    const message = expect.stringMatching(/^couchbase can't be reached: /) as string
    expect(reports).toMatchObject([{ code: 'SESS_STORE', provider: 'couchbase', message, cause: timeout }])
  })

  it('tells once of one node that is away, while others answer', async () => {
    alarm.turnOn()
    for (let i = 0; i < 10; i++) {
      await fail(new RequestCanceledError())
      vi.advanceTimersByTime(SILENCE / 2)
      await answer()
    }
    expect(reports).toHaveLength(1)
  })

  it('tells of the next outage, too', async () => {
    alarm.turnOn()
    await fail()
    await answer()
    vi.advanceTimersByTime(SILENCE + 1)
    await fail()
    expect(reports).toHaveLength(2)
  })

  it('is silent while the provider is opened and closed', async () => {
    await fail()
    expect(reports).toEqual([])
    alarm.turnOn()
    await answer()
    vi.advanceTimersByTime(SILENCE + 1)
    alarm.turnOff()
    await fail()
    expect(reports).toEqual([])
  })
})
