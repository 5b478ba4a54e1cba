/**
 * What you set is what you get.
 * @module
 */
import assert from 'node:assert/strict'
import { SessionError } from '../errors.js'
import { onlyIfClaimed } from './fixture.js'
import { begin, get, newId, valueOf } from './steps.js'
import type { State } from './steps.js'
import { JSON_VALUES, REFUSED_VALUES, RICH_VALUES } from './sample-values.js'
import { visitorWith } from './visitor.js'

const MEBIBYTE = 1024 * 1024

export function values(state: State): void {
  samples(state)
  inPlace(state)
  big(state)
}

function samples(state: State): void {
  for (const [kind, value] of Object.entries(JSON_VALUES)) {
    state(`keeps ${kind}`, async (fixture) => {
      const provider = await fixture.provider()
      assertSame(await valueOf(provider, await begin(provider, { value }), 'value'), value)
    })
  }

  for (const [kind, value] of Object.entries(RICH_VALUES)) {
    state(`keeps ${kind}`, async (fixture) => {
      const provider = await fixture.provider()
      onlyIfClaimed(provider, 'values')
      const nested = { list: [value], inside: { value } }
      const read = await get(provider, await begin(provider, { value, nested }))
      assertSame(read.get('value'), value)
      assertSame((read.get('nested') as typeof nested).list[0], value)
      assertSame((read.get('nested') as typeof nested).inside.value, value)
    })
  }

  for (const [kind, [value, path]] of Object.entries(REFUSED_VALUES)) {
    state(`refuses ${kind}, naming ${path}, and changes nothing`, async (fixture) => {
      const provider = await fixture.provider()
      onlyIfClaimed(provider, 'values')
      const store = await get(provider, await begin(provider, { user: 'kept' }))
      assert.throws(() => store.set('user', value), isRefusalOf(path))
      await store.release()
      assert.equal(await valueOf(provider, store.id, 'user'), 'kept')
    })
  }
}

function inPlace(state: State): void {
  state('an object that was taken out and changed in place is saved', async (fixture) => {
    const manager = await fixture.manager()
    const [visitor] = await visitorWith(manager, { cart: { items: ['a'] } })
    await visitor.visit(manager, (session) => (session.get('cart') as { items: string[] }).items.push('b'))
    const cart = await visitor.visit(manager, (session) => session.get('cart'))
    assert.deepEqual(cart, { items: ['a', 'b'] })
  })

  state('what a handler does to an object after the release stays its own', async (fixture) => {
    const provider = await fixture.provider()
    const list = [1]
    const id = await begin(provider, { list })
    list.push(2)
    assert.deepEqual(await valueOf(provider, id, 'list'), [1])
  })
}

function big(state: State): void {
  state('a text of 1 MiB is kept whole, or refused with SESS_TOO_LARGE and nothing changed', async (fixture) => {
    const provider = await fixture.provider()
    const id = await begin(provider, { text: 'before' })
    const text = 'é"\n7'.repeat(MEBIBYTE / 4)
    const store = await get(provider, id)
    store.set('text', text)
    const error: unknown = await store.release().then(
      () => undefined,
      (reason: unknown) => reason,
    )
    if (error !== undefined) assert.equal((error as SessionError).code, 'SESS_TOO_LARGE')
    const kept = await valueOf(provider, id, 'text')
    assert.ok(kept === (error === undefined ? text : 'before'), `it is ${String(kept).length} characters long now`)
  })

  state('a text of 200,000 characters is kept whole', async (fixture) => {
    const provider = await fixture.provider()
    const text = 'abcdefghij'.repeat(20_000)
    const kept = await valueOf(provider, await begin(provider, { text }), 'text')
    assert.ok(kept === text, `it is ${String(kept).length} characters long now`)
  })

  state('an empty session is a session', async (fixture) => {
    const provider = await fixture.provider()
    const store = await provider.read(newId())
    await store.release()
    assert.equal(await provider.exist(store.id), true)
    assert.equal((await get(provider, store.id)).get('n'), undefined)
  })
}

/** Node 20 finds any two URLs equal, and no two invalid dates, so these are compared as texts. */
function assertSame(actual: unknown, expected: unknown): void {
  if (expected instanceof URL || expected instanceof Date) {
    assert.equal(Object.getPrototypeOf(actual), Object.getPrototypeOf(expected))
    assert.equal(String(actual), String(expected))
    assert.equal(JSON.stringify(actual), JSON.stringify(expected))
  } else {
    assert.deepEqual(actual, expected)
  }
}

const isRefusalOf =
  (path: string) =>
  (error: unknown): boolean => {
    assert.ok(error instanceof SessionError)
    assert.equal(error.code, 'SESS_VALUE')
    assert.ok(error.message.includes(path), `the message does not name ${path}: ${error.message}`)
    return true
  }
