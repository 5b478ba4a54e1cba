/** What each entry exports, by `import`. The entries are the arguments. */
const entries = process.argv.slice(2)
const modules = await Promise.all(entries.map((entry) => import(entry)))
console.log(JSON.stringify(Object.fromEntries(entries.map((entry, n) => [entry, Object.keys(modules[n]).sort()]))))
