/** The one statement that the query service here understands: how many keys of a collection have a prefix. */
const COUNT =
  /^SELECT COUNT\(\*\) AS count FROM `([^`]+)`\.`([^`]+)`\.`([^`]+)` AS s WHERE META\(s\)\.id >= \$from AND META\(s\)\.id < \$to AND META\(s\)\.id NOT LIKE \$own$/

/**
 * @param {import('./bucket.mjs').Bucket} bucket
 * @param {string} body a request of the query service, as JSON
 */
export function query(bucket, body) {
  const { statement = '', $from = '', $to = '', $own = '' } = JSON.parse(body)
  const [, name, scope, collection] = COUNT.exec(statement) ?? []
  const number = bucket.collections.get(`${scope}.${collection}`)
  const requestID = 'b9b4e1b8-4b3a-4c7e-9a55-6a4e6f1f2b10'
  if (name !== bucket.name || number === undefined) {
    const errors = [{ code: 3000, msg: 'syntax error - unknown statement' }]
    return { status: 400, text: JSON.stringify({ requestID, errors, status: 'fatal' }) }
  }
  const own = $own.replaceAll('\\_', '_').replaceAll('\\%', '%').replaceAll('\\\\', '\\').slice(0, -1)
  const keys = bucket.documents(number)?.keys() ?? []
  const count = keys.filter((key) => key >= $from && key < $to && !key.startsWith(own)).length
  const answer = { requestID, signature: { count: 'number' }, results: [{ count }], status: 'success' }
  return { status: 200, text: JSON.stringify(answer) }
}
