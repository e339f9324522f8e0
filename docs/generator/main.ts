import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { GENERATED_FOLDERS, generatedPages } from './pages.js'

// Writes the generated files of docs/, and removes those of modules that are gone.
const docs = fileURLToPath(new URL('../', import.meta.url))
const pages = await generatedPages()
for (const [name, text] of pages) {
  const file = join(docs, name)
  if (existsSync(file) && readFileSync(file, 'utf8') === text) continue
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  process.stdout.write(`docs/${name}\n`)
}
for (const folder of GENERATED_FOLDERS) {
  for (const name of readdirSync(join(docs, folder))) {
    if (pages.has(`${folder}/${name}`)) continue
    rmSync(join(docs, folder, name))
    process.stdout.write(`docs/${folder}/${name} removed\n`)
  }
}
