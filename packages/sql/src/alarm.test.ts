import { describe, expect, it } from 'vitest'
import { Alarm } from './alarm.js'

describe('an alarm', () => {
  it('tells of ten lost connections once', () => {
    const reports: Error[] = []
    const alarm = new Alarm('postgres', (error) => void reports.push(error))
    for (let i = 0; i < 10; i++) alarm.ring(new Error(`connection ${i}`))
    expect(reports).toMatchObject([
      { code: 'SESS_STORE', message: 'provider postgres lost a connection: connection 0' },
    ])
  })
})
