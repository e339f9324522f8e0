import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { renderHandlebars } from '../../engine/language/handlebars/render.js'
import { scopeOf } from '../../engine/language/jinja/scope.js'
import type { Dict, Value } from '../../engine/language/value.js'

const HASHED = ['mysql', 'eggroll', 'hadoop', 'osx', 'rabbitmq', 'nginx', 'fateflow', 'fateboard'].concat([
  'serving_server',
  'serving_proxy',
  'serving_admin',
])

/** What the playbook works out before it renders: hashes of the files of a service, and a password. */
export const worked: readonly [string, Value][] = [
  ['config_hash', new Map(HASHED.map((name) => [name, `hash of ${name}`])) as Dict],
  ['mysql_root_password', 'of root'],
]

/** A file of templates/, as the playbook renders it. */
export function renderTemplate(path: string, vars: ReadonlyMap<string, Value>): string {
  const text = readFileSync(path, 'utf8')
  return path.endsWith('.hbs')
    ? String(renderHandlebars(text, { ...scopeOf(vars), template: partial }, path))
    : text
}

/** What a template includes, beside it as at run time. */
function partial(name: string, from: string): { text: string; file: string } {
  const file = join(dirname(from), name)
  return { text: readFileSync(file, 'utf8'), file }
}

/** Java's reading of what stands behind `key=`. */
export function javaValue(written: string): string {
  return written
    .replace(/^\s+/, '')
    .replace(/\\(?:u([0-9a-f]{4})|(.))/gi, (_, code: string | undefined, char: string) =>
      code ? String.fromCharCode(parseInt(code, 16)) : ({ t: '\t', n: '\n', r: '\r', f: '\f' }[char] ?? char),
    )
}
