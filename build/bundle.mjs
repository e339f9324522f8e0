// Writes dist/: the command, and beside it what is found by listing a folder, in as few files as a start has to read.
import { chmodSync, readdirSync, rmSync } from 'node:fs'
import { build } from 'esbuild'
import { validators } from './validators.mjs'

const sources = (folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${folder}/${name}`)

rmSync('dist', { recursive: true, force: true })
await build({
  entryPoints: [
    'engine/cli/main.ts',
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
  // These two bring compiled code of their own.
  external: ['ssh2', 'node-ssh'],
  plugins: [await validators()],
  // Packages that are not ES modules look for `require`.
  banner: {
    js: "import { createRequire as fplayRequire } from 'node:module'; const require = fplayRequire(import.meta.url);",
  },
  logLevel: 'warning',
})
chmodSync('dist/engine/cli/main.js', 0o755)
