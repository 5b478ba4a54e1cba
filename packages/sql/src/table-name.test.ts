import { describe, expect, it } from 'vitest'
import { parseTableName } from './table-name.js'

describe('the name of a table', () => {
  it.each([
    ['session', ['session']],
    ['app.session', ['app', 'session']],
    ['My-App.User_Sessions$1', ['My-App', 'User_Sessions$1']],
    ['Sitzungsänderungen', ['Sitzungsänderungen']],
    ['_x', ['_x']],
  ])('%s', (text, parts) => {
    expect(parseTableName(text, 63)).toEqual(parts)
  })

  it.each([
    '',
    '.',
    'a.',
    '.a',
    'a.b.c',
    'a b',
    'a"b',
    'a`b',
    "a'b",
    'a;b',
    'a\nb',
    'a\0',
    '1a',
    'x'.repeat(64),
    5,
    null,
    {},
  ])('is not %j (CVE-2019-15658)', (text) => {
    expect(() => parseTableName(text, 63)).toThrow(expect.objectContaining({ code: 'SESS_OPTION', option: 'table' }))
  })
})
