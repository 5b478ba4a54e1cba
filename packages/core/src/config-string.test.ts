import { describe, expect, it } from 'vitest'
import { parseKeyValues, parseWholeNumber } from './config-string.js'

const KNOWN = ['addr', 'password', 'db']
const parse = (text: string): unknown => Object.fromEntries(parseKeyValues('redis', text, KNOWN))

describe('parseKeyValues', () => {
  it('takes key=value parts; a value may hold "="', () => {
    expect(parse('addr=127.0.0.1:6379, password=a=b ,db=0,')).toEqual({
      addr: '127.0.0.1:6379',
      password: 'a=b',
      db: '0',
    })
    expect(parse('')).toEqual({})
  })

  it('never shows what may be a part of a password', () => {
    for (const text of ['password=hun,ter=2', 'password=hun,ter2', 'rdis://:hun=ter@h', 'db 1;password:hunter=2']) {
      expect(() => parse(text)).toThrow(expect.objectContaining({ code: 'SESS_OPTION' }))
      expect(() => parse(text)).not.toThrow(/hun|ter/)
    }
    expect(() => parseWholeNumber('db', '1 password=hunter2', 0, 15)).toThrow(/got another text$/)
    expect(() => parse('adr=x,password=y')).toThrow(/got "adr"/)
  })
})

describe('parseWholeNumber', () => {
  it.each(['', ' ', 'x', '1.5', '-1', '0x10', '1e3', '99'])('refuses %j', (text) => {
    expect(() => parseWholeNumber('db', text, 0, 15)).toThrow(/^option db: expected a whole number from 0 to 15/)
  })

  it('takes what is in its range', () => {
    expect(['0', ' 7', '15'].map((text) => parseWholeNumber('db', text, 0, 15))).toEqual([0, 7, 15])
  })
})
