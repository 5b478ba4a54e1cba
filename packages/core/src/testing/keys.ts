/**
 * Keys are any texts.
 * @module
 */
import assert from 'node:assert/strict'
import type { Provider } from '../provider.js'
import { begin, find, get, newId } from './steps.js'
import type { State } from './steps.js'

/** Each kind of key, as the keys of one session. */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  'names of what every object has': [
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'prototype',
    '__defineGetter__',
  ],
  'the empty text': [''],
  'texts that begin with @': ['@x', '@', '@@', '@@x', '@created', '@user', '@flash'],
  'paths and patterns': [
    'a.b',
    'a[0]',
    '../a',
    '/',
    'a/b',
    'a\\b',
    '*',
    '%',
    '%2e',
    '$set',
    '$',
    ':',
    'a:b',
    'a b',
    ' ',
    'a ',
  ],
  'quotes, line breaks and NUL': ['"', "'", '`', '\\', '\n', '\r\n', 'a\nb', '\u2028', '\0', 'a\0b', '",\n"x":1'],
  'texts that look like numbers': ['0', '1', '-1', '1e3', '00', 'null', 'undefined', 'true'],
  'other scripts, emoji and lone surrogates': ['é', 'ключ', '世界', '😀', '\ud800', '\udc00', '\ufeff', '\ufffd'],
  'texts that differ in case alone': ['key', 'Key', 'KEY', 'ß', 'SS', 'ss', 'ı', 'i', 'I', 'İ'],
  'texts that look alike': ['\u00e9', 'e\u0301', '\u212b', '\u00e5', 'ﬁ', 'fi', 'x', 'x ', ' x'],
  'very long texts': ['k'.repeat(10_000), `${'k'.repeat(9_999)}j`, 'é'.repeat(5_000)],
}

export function keys(state: State): void {
  for (const [kind, names] of Object.entries(KINDS)) {
    state(`takes as keys ${kind}`, async (fixture) => {
      const provider = await fixture.provider()
      await areKept(provider, names)
      await areDeletedOneByOne(provider, names)
    })
  }

  state('a key that was never set is undefined, whatever its name', async (fixture) => {
    const provider = await fixture.provider()
    const store = await get(provider, await begin(provider))
    for (const names of Object.values(KINDS)) {
      for (const key of names) assert.equal(store.get(key), undefined, `get(${JSON.stringify(key)})`)
    }
  })

  state('a key __proto__ pollutes nothing', async (fixture) => {
    const provider = await fixture.provider()
    const store = await provider.read(newId())
    store.set('__proto__', { polluted: true })
    await store.release()
    assert.deepEqual((await get(provider, store.id)).get('__proto__'), { polluted: true })
    assert.equal(({} as Record<string, unknown>)['polluted'], undefined)
    assert.equal((await get(provider, store.id)).get('polluted'), undefined)
  })

  state('takes 1,000 keys', async (fixture) => {
    const provider = await fixture.provider()
    await areKept(
      provider,
      Array.from({ length: 1_000 }, (_, i) => `key ${i}`),
    )
  })
}

async function areKept(provider: Provider, names: readonly string[]): Promise<void> {
  const store = await provider.read(newId())
  names.forEach((key, i) => store.set(key, `value ${i}`))
  await store.release()
  const read = await get(provider, store.id)
  const wrong = names.filter((key, i) => read.get(key) !== `value ${i}`)
  assert.deepEqual(wrong.map(short), [], `${wrong.length} of ${names.length} keys are not kept`)
  if (read.keys) assert.deepEqual([...read.keys()].sort(), [...names].sort())
}

/** Removing one key leaves the others: finds keys that are taken for one another. */
async function areDeletedOneByOne(provider: Provider, names: readonly string[]): Promise<void> {
  const id = newId()
  const store = await provider.read(id)
  for (const key of names) store.set(key, true)
  await store.release()
  for (let i = 0; i < names.length; i++) {
    const changed = await get(provider, id)
    changed.delete(names[i]!)
    await changed.release()
  }
  const left = await find(provider, id)
  assert.ok(left, 'the session went with its last key')
  assert.deepEqual(names.filter((key) => left.get(key) !== undefined).map(short), [])
}

const short = (key: string): string => (key.length > 40 ? `${key.slice(0, 40)}… of ${key.length}` : key)
