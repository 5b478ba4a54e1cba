// A server for tests that speaks Couchbase's protocol: node main.mjs PORT [--query]. The next port is for HTTP: control,
// and the query service. It refuses what it does not know.
import { createServer as createHttpServer } from 'node:http'
import { createServer } from 'node:net'
import { Bucket } from './bucket.mjs'
import { Connection } from './connection.mjs'
import { Control } from './control.mjs'
import { query } from './query.mjs'

const port = Number(process.argv[2])
const hasQuery = process.argv.includes('--query')
const bucket = new Bucket(port, hasQuery ? port + 1 : undefined)
const documents = bucket.documents(0)
const dump = () => JSON.stringify(documents?.keys().map((key) => [key, documents.get(key)?.value.toString('latin1')]))
const control = new Control((key) => documents?.get(key)?.expiry, dump)

const http = createHttpServer((req, res) => void serve(req, res))

/** @param {import('node:http').IncomingMessage} req @param {import('node:http').ServerResponse} res */
async function serve(req, res) {
  let body = ''
  for await (const chunk of req) body += chunk
  const isQuery = hasQuery && req.url === '/query/service'
  if (isQuery) control.note('query')
  const { status, text } = isQuery ? query(bucket, body) : controlled(`${req.method} ${req.url}`, body)
  res.writeHead(status, { 'Content-Type': 'application/json' }).end(text)
}

/** @param {string} what @param {string} body */
function controlled(what, body) {
  const text = control.answer(what, body)
  return text === undefined ? { status: 404, text: '{}' } : { status: 200, text }
}

http.listen(port + 1, '127.0.0.1')
createServer((socket) => void new Connection(socket.setNoDelay(true), bucket, control)).listen(port, '127.0.0.1')
