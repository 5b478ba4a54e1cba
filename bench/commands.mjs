// How many commands a server has carried out, by its own count.
import { Redis } from 'ioredis'
import { Client } from 'memjs'
import { createConnection } from 'mysql2/promise'
import pg from 'pg'

const counters = {
  async redis() {
    const redis = new Redis(process.env.REDIS_URL)
    const stats = await redis.info('commandstats')
    redis.disconnect()
    const calls = [...stats.matchAll(/^cmdstat_(\w+).*?:calls=(\d+)/gm)]
    return sum(calls.filter(([, name]) => !['info', 'client', 'hello'].includes(name)).map(([, , count]) => count))
  },
  async memcached() {
    const client = Client.create(new URL(process.env.MEMCACHED_URL).host)
    const stats = await new Promise((done, failed) => {
      client.stats((error, _server, values) => (error ? failed(new Error(String(error))) : done(values)))
    })
    client.close()
    const names = ['cmd_get', 'cmd_set', 'cmd_touch', 'delete_hits', 'delete_misses']
    return sum(names.map((name) => stats[name]))
  },
  async mariadb() {
    const connection = await createConnection(process.env.MYSQL_URL)
    const [rows] = await connection.query("SHOW GLOBAL STATUS LIKE 'Questions'")
    await connection.end()
    return Number(rows[0].Value)
  },
  /** Of a server that has loaded the extension: its other counters come late. */
  async postgres() {
    const client = new pg.Client({ connectionString: process.env.POSTGRES_URL })
    await client.connect()
    const { rows } = await client.query('SHOW shared_preload_libraries')
    const isCounted = rows[0].shared_preload_libraries.includes(POSTGRES_COUNTER)
    const calls = isCounted ? await postgresCalls(client) : undefined
    await client.end()
    return calls
  },
}

export const POSTGRES_COUNTER = 'pg_stat_statements'

async function postgresCalls(client) {
  await client.query(`CREATE EXTENSION IF NOT EXISTS ${POSTGRES_COUNTER}`)
  const text = `SELECT sum(calls) AS calls FROM ${POSTGRES_COUNTER} WHERE query !~ '${POSTGRES_COUNTER}|^SHOW'`
  return Number((await client.query(text)).rows[0].calls)
}

const sum = (numbers) => numbers.reduce((total, number) => total + Number(number), 0)

/** Undefined where the server doesn't count. */
export const commandsOf = (service) => counters[service]?.()
