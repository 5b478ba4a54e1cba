import { describe, expect, it } from 'vitest'
import { parseSection } from './ini-section.js'

const valueOf = (line: string): string | undefined => parseSection(`[s]\n${line}`, 's').get('KEY')

describe('a value in an ini file', () => {
  it.each([
    '127.0.0.1:9090;127.0.0.1:9091',
    'network=tcp,addr=:6379,password=ma#caron,db=0,pool_size=100,idle_timeout=180',
    'user=a password=b host=localhost port=5432 dbname=c sslmode=disable',
    "user=a password='b c' host=localhost",
    'username:pass;#word@tcp(127.0.0.1:3306)/dbname?charset=utf8',
    'data_dir=./app.db,db=0',
    'data/sessions',
    'C:\\sessions\\new',
    'a "b" c',
    '"a" and "b"',
  ])('is read whole, without quotes: %s', (config) => {
    expect(valueOf(`KEY = ${config}`)).toBe(config)
    expect(valueOf(`KEY=${config}\r\n`)).toBe(config)
    expect(valueOf(`  KEY  =  ${config}  `)).toBe(config)
  })

  it.each([
    ['KEY = `a ;b #c`', 'a ;b #c'],
    ['KEY = "a ;b #c"', 'a ;b #c'],
    ["KEY = ' a '", ' a '],
    ['KEY = `a"b` ; why', 'a"b'],
    ['KEY = a # why', 'a'],
    ['KEY = a\t; why', 'a'],
    ['KEY = a;b ; why', 'a;b'],
    ['KEY = ; nothing', ''],
    ['KEY = ""', ''],
    ['KEY =', ''],
    ['KEY = `', '`'],
    ['KEY: a', 'a'],
    ['; KEY = b\n# KEY = c\nKEY = a', 'a'],
    ['KEY = a\nKEY = b', 'b'],
    ['KEY', undefined],
  ])('%j', (line, value) => {
    expect(valueOf(line)).toBe(value)
  })
})

describe('a section of an ini file', () => {
  it('is found by its exact name, in parts too, and is empty when it is absent', () => {
    const text = '\uFEFF[a.b] ; why\nONE=1\n[other]\nTWO=2\n[ a.b ]\r\nTHREE=3'
    expect([...parseSection(text, 'a.b')]).toEqual([
      ['ONE', '1'],
      ['THREE', '3'],
    ])
    expect([...parseSection(text, 'b')]).toEqual([])
  })

  it('names a line that is none', () => {
    expect([...parseSection('[s]\nLAZY\n__proto__ = 1', 's')]).toEqual([
      ['LAZY', undefined],
      ['__proto__', '1'],
    ])
  })
})
