// Compiles the schemas of keywords and parameters into code, so that a start needs neither ajv nor the time it takes.
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Ajv } from 'ajv'
import standalone from 'ajv/dist/standalone/index.js'
import { build } from 'esbuild'

const names = readdirSync('modules').map((file) => basename(file, '.ts'))

/**
 * An esbuild plugin that puts validators beside the modules and the engine's own words, and those of keywords where the
 * sources have none.
 */
export async function validators() {
  const { SCHEMA_OPTIONS, VALUE_KINDS, kindSchema, paramSchema, modules, ENGINE_MODULES } =
    await declarations()
  const words = Object.keys(ENGINE_MODULES)
  const code = (schemas, options) => {
    const ajv = new Ajv({ ...options, code: { source: true, esm: true } })
    for (const [name, schema] of Object.entries(schemas)) ajv.addSchema(structuredClone(schema), name)
    const keys = Object.keys(schemas)
    return standalone.default(ajv, Object.fromEntries(keys.map((name, i) => [`fits${i}`, name])))
  }
  const kinds = Object.fromEntries(
    Object.keys(VALUE_KINDS).flatMap((kind) =>
      [true, false].map((fixed) => [`${kind} ${fixed}`, kindSchema(kind, fixed)]),
    ),
  )
  return {
    name: 'validators',
    setup({ onLoad, onResolve }) {
      onResolve({ filter: /^validator:/ }, ({ path }) => ({ path, namespace: 'validator' }))
      onLoad({ filter: /.*/, namespace: 'validator' }, ({ path }) => {
        const name = path.slice('validator:'.length)
        const declared = { ...modules, ...ENGINE_MODULES }
        const schemasOf = (all) => Object.fromEntries(all.map((each) => [each, paramSchema(declared[each])]))
        const schemas = name === 'kinds' ? kinds : schemasOf(name === 'words' ? words : [name])
        const options = name === 'kinds' ? SCHEMA_OPTIONS.keyword : SCHEMA_OPTIONS.params
        return { contents: code(schemas, options), resolveDir: '.' }
      })
      onLoad({ filter: /\/modules\/\w+\.ts$/ }, ({ path }) => {
        const name = basename(path, '.ts')
        const more = `\nexport { fits0 as validate } from 'validator:${name}'\n`
        return path === resolve('modules', `${name}.ts`)
          ? { contents: readFileSync(path, 'utf8') + more, loader: 'ts' }
          : undefined
      })
      onLoad({ filter: /\/engine\/play\/actions\.ts$/ }, ({ path }) => {
        const uses = words.map((name, i) => `useValidator(ENGINE_MODULES.${name}, all.fits${i})\n`)
        const imports = `import * as all from 'validator:words'\nimport { useValidator } from '../module/validate.js'\n`
        return { contents: readFileSync(path, 'utf8') + imports + uses.join(''), loader: 'ts' }
      })
      onLoad({ filter: /\/engine\/play\/compiled-kinds\.ts$/ }, () => {
        const entries = Object.keys(kinds).map((key, i) => `${JSON.stringify(key)}: all.fits${i}`)
        const contents = `import * as all from 'validator:kinds'\nexport const COMPILED_KINDS = { ${entries.join(', ')} }`
        return { contents, resolveDir: '.' }
      })
    },
  }
}

/** What the sources say of keywords and modules. */
async function declarations() {
  const folder = mkdtempSync(join(tmpdir(), 'fplay-build-'))
  const outfile = join(folder, 'declarations.mjs')
  const contents = `
export { SCHEMA_OPTIONS } from './engine/module/compile-schema.ts'
export { paramSchema } from './engine/module/schema.ts'
export { ENGINE_MODULES } from './engine/play/actions.ts'
export { VALUE_KINDS, kindSchema } from './engine/play/value-kinds.ts'
${names.map((name) => `import ${name}Module from './modules/${name}.ts'`).join('\n')}
export const modules = { ${names.map((name) => `${name}: ${name}Module`).join(', ')} }`
  try {
    await build({
      stdin: { contents, resolveDir: '.', loader: 'ts' },
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      external: ['ssh2', 'node-ssh'],
      banner: {
        js: "import { createRequire as fplayRequire } from 'node:module'; const require = fplayRequire(import.meta.url);",
      },
      logLevel: 'warning',
    })
    return await import(pathToFileURL(outfile).href)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
