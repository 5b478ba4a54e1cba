const core = require('@sess/core')
const fetch = require('@sess/core/fetch')

void import('@sess/provider-ledis').then(async () => {
  const { visit } = await import('./visit.mjs')
  await visit(core, fetch)
})
