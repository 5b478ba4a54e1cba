// How long it takes to make text of a session's value and back, for the ways that were considered.
import * as devalue from 'devalue'
import superjson from 'superjson'
import { deserialize, serialize } from 'node:v8'
import { defineProvider } from '@sess/core'
import { data } from './scenarios.mjs'

let codec
await defineProvider({
  name: 'probe',
  open: (_config, context) => {
    codec = context.codec
    return {}
  },
}).init(60, '')

const ways = {
  JSON: [JSON.stringify, JSON.parse],
  ours: [(value) => codec.encode(value, 'key'), (text) => codec.decode(text, 'key')],
  devalue: [devalue.stringify, devalue.parse],
  superjson: [superjson.stringify, superjson.parse],
  'v8 as base64': [(value) => serialize(value).toString('base64'), (text) => deserialize(Buffer.from(text, 'base64'))],
}
const values = {
  'plain, 1 KB': data,
  'with a Date and a Map': { ...data, since: new Date(), seen: new Map([['a', 1]]) },
}

function time(fn) {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < 7; round++) {
    const start = process.hrtime.bigint()
    for (let n = 0; n < 10_000; n++) fn()
    best = Math.min(best, Number(process.hrtime.bigint() - start) / 10_000)
  }
  return `${(best / 1000).toFixed(1)} µs`
}

for (const [what, value] of Object.entries(values)) {
  console.log(`\n${what.padEnd(24)} encode      decode      bytes`)
  for (const [name, [encode, decode]] of Object.entries(ways)) {
    const text = encode(value)
    console.log(
      `  ${name.padEnd(22)} ${time(() => encode(value)).padEnd(11)} ${time(() => decode(text)).padEnd(11)} ${text.length}`,
    )
  }
}
