import { readFileSync, statSync } from 'node:fs'
import { register } from 'node:module'
import { basename, extname } from 'node:path'
import { pathToFileURL } from 'node:url'
import { fail } from '../errors.js'
import type { Module } from './contract.js'
import { readProgram } from './program.js'

/** Endings of files beside modules that are none. */
const NO_MODULES = /(?:\.(?:pyc|pyo|swp|bak|rpm|md|txt|rst|yaml|yml|ini)|\.d\.ts|~)$/

/** The name of the module that a file of a user's folder is; undefined when it is none. */
export function ownModuleName(path: string): string | undefined {
  const file = basename(path)
  const name = file.slice(0, file.length - extname(file).length)
  return /^[a-z][a-z0-9_]*$/i.test(name) && !NO_MODULES.test(file) && statSync(path).isFile()
    ? name
    : undefined
}

/**
 * Loads a module of a user's own: with the contract when it is a `.js` or `.ts` without a `#!` line, otherwise a program.
 * Fails with `bad-module`.
 */
export async function loadOwnModule(file: string): Promise<Module> {
  const isScript = /\.(?:m?js|ts)$/.test(file) && !readFileSync(file, 'utf8').startsWith('#!')
  return isScript ? importOwn(file) : programModule(file)
}

function programModule(file: string): Module {
  return {
    summary: `A program that runs on the host (${file})`,
    description: 'It takes any parameters and decides by itself what it changes.',
    params: {},
    open: true,
    returns: { changed: 'What it says.' },
    examples: '',
    program: readProgram(file),
  }
}

async function importOwn(file: string): Promise<Module> {
  offerContract()
  const module = await imported(file)
  const missing = ['summary', 'params', 'returns'].filter(
    (name) => module?.[name as keyof Module] === undefined,
  )
  if (module !== undefined && missing.length === 0) {
    return { ...module, examples: module.examples ?? '' }
  }
  return fail({
    code: 'bad-module',
    message:
      module === undefined
        ? `${file} exports no module`
        : `${file} says nothing of its ${missing.join(', ')}`,
    cure: "let it export default defineModule({ summary, params, returns, … }); import that from 'fplay/module/contract.js'",
  })
}

async function imported(file: string): Promise<Module | undefined> {
  try {
    const mark = file.endsWith('.ts') ? '' : OWN
    const loaded = (await import(pathToFileURL(file).href + mark)) as { default?: Module }
    return loaded.default
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const reads = code === 'ERR_UNKNOWN_FILE_EXTENSION'
    return fail({
      code: 'bad-module',
      message: reads
        ? `this Node (${process.version}) reads no TypeScript: ${file}`
        : `${file} cannot be loaded: ${message}`,
      cure: reads ? 'use Node 22.18 or later, or compile it to JavaScript beside it' : undefined,
    })
  }
}

/** Marks the file of a module, which is an ES module also where no package.json says so. */
const OWN = '?fplay'

let offered = false

/** Lets modules outside of this package import `fplay/module/NAME.js`, the files of this folder. */
function offerContract(): void {
  if (offered) return
  offered = true
  // Once built, this code stands in the folder of chunks beside that of the modules.
  const here = new URL('../module/', import.meta.url).href
  const hook = `export async function resolve(name, context, next) {
    const part = /^fplay\\/module\\/([\\w/-]+\\.js)$/.exec(name)
    if (part) return next(${JSON.stringify(here)} + part[1], context)
    const found = await next(name, context)
    return name.endsWith('${OWN}') ? { ...found, format: 'module' } : found
  }`
  register(`data:text/javascript,${encodeURIComponent(hook)}`)
}
