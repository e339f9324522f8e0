// Writes dist/: the command, and beside it what is found by listing a folder, in as few files as a start has to read.
import { chmodSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'
import { validators } from './validators.mjs'

/** Of ssh2 only the client is wanted; the rest would load what Node.js has for HTTP and TLS. */
const clientOnly = {
  name: 'client only',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\/(http-agents|server)\.js$/ }, ({ path, importer }) =>
      /ssh2\/lib\/index\.js$/.test(importer) ? { path, namespace: 'nothing' } : undefined,
    )
    onLoad({ filter: /./, namespace: 'nothing' }, () => ({ contents: 'module.exports = {}', loader: 'js' }))
  },
}

/** The compiled parts of ssh2 stay where its installation has built them; where they are missing, it does without. */
const compiled = {
  name: 'compiled',
  setup({ onResolve }) {
    const external = true
    onResolve({ filter: /^cpu-features$/ }, ({ path }) => ({ path, external }))
    onResolve({ filter: /\.node$/ }, ({ path, resolveDir }) => ({
      path: join(resolveDir, path).replace(/^.*\/node_modules\//, ''),
      external,
    }))
  },
}

/** What every run loads. Short commands go without. */
const RUN = resolve('engine/cli/playbook.ts')
const WITHOUT_RUN = /\/(?:version|defect|config|config-command|\w+-options|vault\/command)\.ts$/

/**
 * What a file shares with others goes into a chunk for just these. So each file that is loaded later, or by itself, is made to
 * want all that a run needs: that becomes one chunk, where it was eighty, each of which a start had to find and read.
 */
const whole = {
  name: 'whole',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^whole:/ }, ({ path }) => ({ path: resolve(path.slice(6)), namespace: 'whole' }))
    onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) => {
      const file = join(resolveDir, path).replace(/\.js$/, '.ts')
      return kind === 'dynamic-import' && !WITHOUT_RUN.test(file)
        ? { path: file, namespace: 'whole' }
        : undefined
    })
    onLoad({ filter: /./, namespace: 'whole' }, ({ path }) => {
      const hasDefault = /^export default /m.test(readFileSync(path, 'utf8'))
      const own = JSON.stringify(path)
      const contents = `import ${JSON.stringify(RUN)}\nexport * from ${own}\n`
      return { contents: contents + (hasDefault ? `export { default } from ${own}\n` : ''), resolveDir: '.' }
    })
  },
}

const sources = (folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.ts'))
    .map((name) => ({ in: `whole:${folder}/${name}`, out: `${folder}/${name.slice(0, -3)}` }))

rmSync('dist', { recursive: true, force: true })
await build({
  entryPoints: [
    { in: 'engine/cli/main.ts', out: 'engine/cli/main' },
    ...sources('modules'),
    ...sources('plugins/inventory'),
    // What modules of users import.
    ...sources('engine/module'),
  ],
  outdir: 'dist',
  outbase: '.',
  // As deep as the sources: paths relative to import.meta.url stay true wherever code ends up.
  chunkNames: 'engine/chunks/[name]-[hash]',
  bundle: true,
  // A start has to read it all. Names stay, for stack traces.
  minifyWhitespace: true,
  minifySyntax: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  plugins: [whole, await validators(), clientOnly, compiled],
  // Packages that are not ES modules look for these.
  banner: {
    js: "import { createRequire as fplayRequire } from 'node:module'; const require = fplayRequire(import.meta.url), __dirname = import.meta.dirname;",
  },
  logLevel: 'warning',
})
chmodSync('dist/engine/cli/main.js', 0o755)
