import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { GcTimer } from './gc.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('GcTimer', () => {
  it('calls every interval, give or take a tenth, and stops', async () => {
    const times: number[] = []
    const timer = new GcTimer(
      100,
      async () => void times.push(Date.now()),
      () => undefined,
    )
    timer.start()
    timer.start()
    await vi.advanceTimersByTimeAsync(100_000 * 50)
    timer.stop()
    const intervals = times.map((time, n) => time - (times[n - 1] ?? time)).slice(1)
    expect(times.length).toBeGreaterThan(44)
    expect(times.length).toBeLessThan(56)
    expect(Math.min(...intervals)).toBeGreaterThanOrEqual(90_000)
    expect(Math.max(...intervals)).toBeLessThanOrEqual(110_000)
    expect(new Set(intervals).size).toBeGreaterThan(10)
    await vi.advanceTimersByTimeAsync(1_000_000)
    expect(times.length).toBe(intervals.length + 1)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('waits for the longest interval that is allowed, which timers do not hold with its jitter', async () => {
    let calls = 0
    const timers = Array.from(
      { length: 20 },
      () =>
        new GcTimer(
          2_147_483,
          async () => void calls++,
          () => undefined,
        ),
    )
    for (const timer of timers) timer.start()
    await vi.advanceTimersByTimeAsync(2_147_483_000 * 0.89)
    expect(calls).toBe(0)
    await vi.advanceTimersByTimeAsync(2_147_483_000 * 0.12)
    expect(calls).toBe(20)
    for (const timer of timers) timer.stop()
  })

  it('never runs two rounds at a time, and reports an error once for each', async () => {
    let running = 0
    let most = 0
    const reported: Error[] = []
    const collect = async (): Promise<void> => {
      most = Math.max(most, ++running)
      await new Promise((done) => setTimeout(done, 350_000))
      running--
      throw new Error('down')
    }
    const timer = new GcTimer(100, collect, (error) => reported.push(error))
    timer.start()
    await vi.advanceTimersByTimeAsync(2_000_000)
    timer.stop()
    expect(most).toBe(1)
    expect(reported.length).toBeGreaterThan(2)
  })

  it('does not keep the process alive', () => {
    const timer = new GcTimer(
      100,
      () => Promise.resolve(),
      () => undefined,
    )
    const unref = vi.spyOn(globalThis, 'setTimeout')
    timer.start()
    expect((unref.mock.results[0]!.value as NodeJS.Timeout).hasRef()).toBe(false)
    timer.stop()
  })
})
