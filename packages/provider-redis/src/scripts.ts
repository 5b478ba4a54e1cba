/**
 * What has to happen in one step, on the server. Each may be carried out twice by a client that lost the answer, and
 * tells then what it told the first time, as far as that can be known.
 * @module
 */
import { createHash } from 'node:crypto'
import { Refusal } from './errors.js'
import type { Line } from './line.js'

class Script {
  readonly #text: string
  readonly #sha: string

  constructor(text: string) {
    this.#text = text
    this.#sha = createHash('sha1').update(text).digest('hex')
  }

  /** One round trip; one more where the server does not have the script yet. */
  async run(line: Line, keys: string[], args: (string | number)[]): Promise<unknown> {
    try {
      return await line.call('EVALSHA', this.#sha, keys.length, ...keys, ...args)
    } catch (error) {
      if (!(error instanceof Refusal && error.reply.startsWith('NOSCRIPT'))) throw error
      return line.call('EVAL', this.#text, keys.length, ...keys, ...args)
    }
  }
}

const HOLDS =
  "local function holds(key, version) return redis.call('GETRANGE', key, 0, #version) == version .. '\\n' end\n"

/** Keys; for each: version expected, own version and record, ms. For each, 1: saved. 0: the key holds something else. */
export const SAVE: Script = new Script(`${HOLDS}
local function save(key, expected, text, ms)
  if holds(key, expected) then
    redis.call('SET', key, text, 'PX', ms)
    return 1
  end
  return holds(key, string.match(text, '^[^\\n]*')) and 1 or 0
end
local saved = {}
for i, key in ipairs(KEYS) do
  saved[i] = save(key, unpack(ARGV, 3 * i - 2, 3 * i))
end
return saved`)

/** A key; the server's time, as two texts: seconds since the epoch, and microseconds. */
export const TIME: Script = new Script("return redis.call('TIME')")

/** What was to be done by then is refused later. */
const IN_TIME = `
local now = redis.call('TIME')
if now[1] * 1000 + now[2] / 1000 > tonumber(ARGV[3]) then
  return redis.error_reply('LATE the request that asked for a new id is over')
end
`

/**
 * Key from, key to; version of the copy, ms, until when in ms since the epoch. 1: moved. 0: nothing to move. 2: the new
 * key is taken.
 */
export const MOVE: Script = new Script(`${HOLDS}
local text = redis.call('GET', KEYS[1])
if not text then
  return holds(KEYS[2], ARGV[1]) and 1 or 0
end
${IN_TIME}
if redis.call('EXISTS', KEYS[2]) == 1 then
  return 2
end
redis.call('SET', KEYS[2], ARGV[1] .. string.sub(text, string.find(text, '\\n', 1, true) or 1), 'PX', ARGV[2])
redis.call('DEL', KEYS[1])
return 1`)

/**
 * Key; version expected, 1 to remove any other version too, until when in ms since the epoch. 1: removed. The text: the
 * key holds another version. Nothing: there is no such key.
 */
export const REMOVE: Script = new Script(`${HOLDS}${IN_TIME}
if holds(KEYS[1], ARGV[1]) then
  return redis.call('DEL', KEYS[1])
end
local text = redis.call('GET', KEYS[1])
if ARGV[2] == '1' then
  redis.call('DEL', KEYS[1])
end
return text`)
