/**
 * `node rename.mjs acme` makes this copy of the template the package `sess-provider-acme`, with the provider `acme`.
 * A second argument is the package's name, where it shall be another one, such as `@acme/sess`. Removes itself.
 */
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'

const [name = '', packageName = `sess-provider-${name}`] = process.argv.slice(2)
if (!/^[a-z][a-z0-9]*$/.test(name)) throw new Error(`name: expected lower-case letters and digits, got "${name}"`)

// What a workspace installed and built there is no use here.
for (const folder of ['node_modules', 'dist', '.turbo']) rmSync(folder, { recursive: true, force: true })

const ours = readdirSync('.', { recursive: true, encoding: 'utf8' }).filter(
  (path) => path !== 'rename.mjs' && statSync(path).isFile(),
)
for (const path of ours) {
  const text = readFileSync(path, 'utf8')
    .replaceAll('sess-provider-template', packageName)
    .replaceAll('Template', name[0].toUpperCase() + name.slice(1))
    .replaceAll('template', name)
  writeFileSync(path, text)
}

const manifest = JSON.parse(readFileSync('package.json', 'utf8'))
delete manifest.private
manifest.devDependencies['@sess/core'] = manifest.peerDependencies['@sess/core']
writeFileSync('package.json', `${JSON.stringify(manifest, null, 2)}\n`)
rmSync('rename.mjs')
