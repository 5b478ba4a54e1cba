/**
 * Ids are names, and nothing else.
 * @module
 */
import assert from 'node:assert/strict'
import { SessionError } from '../errors.js'
import type { Provider } from '../provider.js'
import { onlyIfMadeOfStorage } from './fixture.js'
import { get, newId, put, valueOf } from './steps.js'
import type { State } from './steps.js'

/** Texts that no manager gives as an id (CVE-2018-18925 and its kin). */
const HOSTILE: readonly unknown[] = [
  '',
  '.',
  '..',
  '../',
  '../../etc/passwd',
  '..\\..\\x',
  '/etc/passwd',
  'a/b',
  'a\\b',
  'C:\\x',
  '%2e%2e%2f',
  '%00',
  '\0',
  'abcdefghijk\0',
  'abcdefghijk\n',
  '\nabcdefghijk',
  'abcdefghij k',
  "' OR 1=1 --",
  '"; DROP TABLE session; --',
  '*',
  '?',
  '[a-z]',
  '{abcdefghijk}',
  '$where',
  'abcdefghijk\r\nDELETE x',
  'abcdefghíjk',
  '世界世界世界世界世界世界',
  '😀😀😀😀😀😀',
  'ａｂｃｄｅｆｇｈｉｊｋ',
  '\u202eabcdefghijk',
  '\ud800abcdefghijk',
  'a'.repeat(65),
  'a'.repeat(100_000),
  '~../abcdefghijk',
  undefined,
  null,
  0,
  12345678901,
  Number.NaN,
  true,
  {},
  [],
  ['abcdefghijk'],
  Symbol('abcdefghijk'),
  { toString: () => 'abcdefghijk' },
]

export function ids(state: State): void {
  state('takes every id that managers give', async (fixture) => {
    const provider = await fixture.provider()
    for (const id of samples(fixture.options.maxIdLength)) {
      await put(provider, id, { id })
      assert.equal(await valueOf(provider, id, 'id'), id)
      const store = await provider.regenerate(id, newId())
      assert.equal(store.get('id'), id)
      await provider.destroy(store.id)
      assert.equal(await provider.exist(store.id), false)
    }
  })

  state('ids that differ in case alone are different ids', async (fixture) => {
    const provider = await fixture.provider()
    const id = `aB${newId(14)}`
    const twins = [id, id.toLowerCase(), id.toUpperCase()]
    await areDifferent(provider, twins)
  })

  state('ids that differ in the last character alone are different ids', async (fixture) => {
    const provider = await fixture.provider()
    const { maxIdLength } = fixture.options
    for (const length of [11, 16, 43, maxIdLength]) {
      const part = newId(Math.min(length, maxIdLength) - 1)
      await areDifferent(provider, [`${part}A`, `${part}B`, `${part}0`])
    }
  })

  state('ids that differ in punctuation alone are different ids', async (fixture) => {
    const provider = await fixture.provider()
    const [before, after] = [newId(5), newId(6)]
    await areDifferent(provider, [`${before}-${after}`, `${before}_${after}`])
    await areDifferent(provider, [`-${before}${after}`, `_${before}${after}`, `~${before}${after}`])
  })

  state('an id of which another is a part is another id', async (fixture) => {
    const provider = await fixture.provider()
    const part = newId(11)
    const whole = `${part}-more`
    await put(provider, whole, { n: 1 })
    assert.equal(await provider.exist(part), false)
    await put(provider, part, { n: 2 })
    await provider.destroy(part)
    assert.equal(await valueOf(provider, whole, 'n'), 1)
  })

  state('what is not an id is refused with SESS_ID by every method', async (fixture) => {
    const provider = await fixture.provider()
    onlyIfMadeOfStorage(provider)
    for (const id of HOSTILE) await isRefused(provider, id as string)
  })

  state('what is not an id never reaches the store', async (fixture) => {
    const { provider, calls } = await fixture.watched()
    for (const id of HOSTILE) await isRefused(provider, id as string)
    assert.deepEqual(calls, [])
  })
}

/** The first is destroyed in the end. */
async function areDifferent(provider: Provider, twins: readonly string[]): Promise<void> {
  for (const twin of twins) await put(provider, twin, { twin })
  for (const twin of twins) assert.equal((await get(provider, twin)).get('twin'), twin)
  await provider.destroy(twins[0]!)
  assert.deepEqual(
    await Promise.all(twins.map((twin) => provider.exist(twin))),
    twins.map((_, n) => n > 0),
  )
}

async function isRefused(provider: Provider, id: string): Promise<void> {
  const methods: Record<string, () => unknown> = {
    read: () => provider.read(id),
    exist: () => provider.exist(id),
    destroy: () => provider.destroy(id),
    'regenerate from': () => provider.regenerate(id, newId()),
    'regenerate to': () => provider.regenerate(newId(), id),
    open: () => provider.open?.(id),
    create: () => provider.create?.(id),
  }
  for (const [name, method] of Object.entries(methods)) {
    const error: unknown = await Promise.resolve()
      .then(method)
      .then(
        () => 'no error',
        (reason: unknown) => reason,
      )
    assert.ok(
      error instanceof SessionError && error.code === 'SESS_ID',
      `${name} of a hostile id gave ${String(error)}`,
    )
  }
}

function samples(longest: number): string[] {
  const fixed = [
    '-'.repeat(12),
    '_'.repeat(12),
    '0'.repeat(11),
    `-${newId()}`.slice(0, 16),
    `--${newId()}`.slice(0, 16),
  ]
  return [newId(11), newId(16), newId(longest), `~${newId(15)}`, `~${newId(longest - 1)}`, ...fixed]
}
