import { describe, expect, it } from 'vitest'
import { Change } from './change.js'
import { StoredRecord } from './record.js'
import { EMPTY_RECORD } from './record-text.js'

const KEYS = ['a', '', ':', '__proto__', '"', '":', '\\', '\\":', 'a\nb', '\u2028', '@x', 'ключ', '{', ',', '":1,']

function changed(record: StoredRecord, edit: (change: Change) => void): StoredRecord {
  const change = new Change()
  edit(change)
  return record.with(change)
}

describe('StoredRecord', () => {
  it('is JSON with one key a line, in the order in which keys were set', () => {
    const record = changed(new StoredRecord(EMPTY_RECORD), (change) => {
      change.set('user', '{"id":7}')
      change.set('visits', '0')
    })
    expect(record.text).toBe('{\n"user":{"id":7},\n"visits":0\n}')
    expect(JSON.parse(record.text)).toEqual({ user: { id: 7 }, visits: 0 })
  })

  it.each([0, 5000])('finds, replaces and removes any key (with %i characters beside it)', (filler) => {
    let record = changed(new StoredRecord(EMPTY_RECORD), (change) =>
      change.set('filler', JSON.stringify('x'.repeat(filler))),
    )
    for (const [n, key] of KEYS.entries()) record = changed(record, (change) => change.set(key, String(n)))
    expect(record.keys()).toEqual(['filler', ...KEYS])
    for (const [n, key] of KEYS.entries()) expect(new StoredRecord(record.text).textOf(key)).toBe(String(n))
    for (const key of KEYS) record = changed(record, (change) => change.set(key, undefined))
    expect(record.keys()).toEqual(['filler'])
    expect(changed(record, (change) => change.set('filler', undefined)).text).toBe(EMPTY_RECORD)
  })

  it('comes to the same text whether many keys are changed at once or one after the other', () => {
    const start = new StoredRecord('{\n"a":1,\n"b":2,\n"c":3\n}')
    for (let round = 0; round < 500; round++) {
      const edits = Array.from(
        { length: 6 },
        (_, n) => [`${'abcdefgh'[(round * (n + 3)) % 8]}`, round & (1 << n)] as const,
      )
      const last = new Map(edits)
      if (last.size <= 4) continue
      let singly = start
      const together = changed(start, (change) => {
        for (const [key, isSet] of last) change.set(key, isSet ? String(round) : undefined)
      })
      for (const [key, isSet] of last) {
        singly = changed(singly, (change) => change.set(key, isSet ? String(round) : undefined))
      }
      expect(singly.text).toBe(together.text)
    }
  })

  it('does not take a part of a value for a key', () => {
    const record = changed(new StoredRecord(EMPTY_RECORD), (change) => change.set('a', JSON.stringify('\n"b":1')))
    expect(record.textOf('b')).toBeUndefined()
  })

  it('takes JSON that another tool wrote in another shape', () => {
    for (const space of [undefined, 1, 2, '\t']) {
      const record = new StoredRecord(JSON.stringify({ user: { id: 7 }, 'a\n': [1] }, null, space))
      expect([record.textOf('user'), record.textOf('a\n')]).toEqual(['{"id":7}', '[1]'])
    }
  })

  it.each(['', 'x', '{', '[]', 'null', '{\n"a":1', '"text"', '{\n"a"\n'])('says that %j is no record', (text) => {
    expect(() => new StoredRecord(text)).toThrow(expect.objectContaining({ code: 'SESS_CORRUPT' }))
  })

  it.each(['{\ngarbage\n}', '{\n"a\n}', '{\n"a":1,\nb\n}'])(
    'says that %j is damaged when its lines are needed',
    (text) => {
      expect(() => new StoredRecord(text).keys()).toThrow(expect.objectContaining({ code: 'SESS_CORRUPT' }))
    },
  )
})

describe('Change', () => {
  it('clears before it sets, whatever came first', () => {
    const record = new StoredRecord('{\n"a":1,\n"b":2\n}')
    expect(
      changed(record, (change) => {
        change.set('a', '9')
        change.clear()
        change.set('c', '3')
      }).text,
    ).toBe('{\n"c":3\n}')
  })

  it('applies functions to what is there, after what was set', () => {
    const up = (text: string | undefined): string => String(Number(text ?? 0) + 1)
    const record = new StoredRecord('{\n"n":5\n}')
    expect(
      changed(record, (change) => {
        change.rewrite('n', up)
        change.rewrite('n', up)
      }).textOf('n'),
    ).toBe('7')
    expect(
      changed(record, (change) => {
        change.set('n', '0')
        change.rewrite('n', up)
      }).textOf('n'),
    ).toBe('1')
    expect(
      changed(record, (change) => {
        change.rewrite('n', up)
        change.set('n', '0')
      }).textOf('n'),
    ).toBe('0')
    expect(changed(record, (change) => change.rewrite('n', () => undefined)).text).toBe(EMPTY_RECORD)
  })

  it('its idempotent part leaves the functions out', () => {
    const change = new Change()
    change.set('a', '1')
    change.rewrite('n', () => '1')
    expect(new StoredRecord(EMPTY_RECORD).with(change.idempotentPart()).text).toBe('{\n"a":1\n}')
  })
})
