import { mkdtempSync, realpathSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Controller, Module } from '../../engine/module/contract.js'
import { contentOf } from '../../engine/content.js'
import { largeContent, largeFile } from '../../engine/large-file.js'
import { toPlain } from '../../engine/language/value.js'
import { converge } from '../../engine/run/converge.js'
import { emptyForecast } from '../../engine/run/forecast.js'
import type { Call, Converged, Target } from '../../engine/run/target.js'
import { shellConnection, type ShellConnection } from './shell-connection.js'

/** One host for tests of the envelope: this machine's shell and a folder of its own. */
export interface TestHost extends Target {
  readonly connection: ShellConnection
  readonly folder: string
}

/** A host with an empty folder and an empty forecast. */
export function testHost(shell?: readonly string[]): TestHost {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'fplay-test-')))
  return {
    name: 'h',
    connection: shellConnection(shell),
    sessions: new Map(),
    accounts: new Set(),
    forecast: emptyForecast(),
    folder,
  }
}

/** A controller that has the given files. */
export function testController(files: Readonly<Record<string, string>> = {}): Controller {
  return {
    host: 'h',
    task: 'tested',
    isLocal: () => false,
    ask: async () => undefined,
    say: () => {},
    find: (path) => path,
    entry: async (path) => {
      const info = statSync(path)
      return { folder: info.isDirectory(), mode: info.mode & 0o7777 }
    },
    resolve: (path) => path,
    content: async (path) => contentOf(files[path] ?? ''),
    unhashed: async (path) => contentOf(files[path] ?? ''),
    large: (path) => {
      const text = files[path]
      return text === undefined ? largeFile(path) : largeContent(path, contentOf(text))
    },
    render: async (path) => files[path] ?? '',
    evaluate: (expression) => expression === 'true',
    display: (expression) => expression,
    variable: () => undefined,
    text: (value) => String(value),
    json: (value) => JSON.stringify(toPlain(value)),
  }
}

/** Parameters with the defaults that the module declares. */
export function withDefaults(
  module: Module,
  params: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const defaults = Object.entries(module.params).flatMap(([name, spec]) =>
    spec.default === undefined ? [] : [[name, spec.default]],
  )
  return { ...Object.fromEntries(defaults), ...params }
}

/** Calls a module with parameters as validation would give them: declared defaults filled in. */
export async function call(
  host: Target,
  module: unknown,
  params: Readonly<Record<string, unknown>>,
  options: Partial<Call> = {},
): Promise<Converged> {
  const declared = module as Module
  return converge(
    {
      module: declared,
      moduleName: 'tested',
      task: 'tested',
      params: withDefaults(declared, params),
      controller: testController(),
      environment: {},
      promisesNoChange: false,
      checkMode: false,
      diff: true,
      noLog: false,
      verbosity: 0,
      ...options,
    },
    host,
  )
}
