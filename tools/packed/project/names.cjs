/** What each entry exports, by `require`. The entries are the arguments. */
const entries = process.argv.slice(2)
console.log(JSON.stringify(Object.fromEntries(entries.map((entry) => [entry, Object.keys(require(entry)).sort()]))))
