import type { Diff } from '../events.js'
import { str } from '../language/jinja/python/render.js'
import { readJson } from '../language/jinja/python/json-read.js'
import type { Item } from '../language/jinja/item.js'
import { truthy } from '../language/jinja/item.js'
import { isDict, keyText } from '../language/value.js'
import type { Dict, Value } from '../language/value.js'
import type { Call, Converged } from './target.js'

/** Where the first line that begins with `{` and the last that ends with `}` are: the rest is noise of the host. */
function jsonOf(stdout: string): { readonly text: string; readonly junk: string } | undefined {
  const lines = stdout.split(/\r?\n/)
  const start = lines.findIndex((line) => line.trim().startsWith('{'))
  const end = lines.findLastIndex((line) => line.trim().endsWith('}'))
  if (start < 0 || end < start) return undefined
  return {
    text: lines.slice(start, end + 1).join('\n'),
    junk: lines
      .slice(end + 1)
      .join('\n')
      .trim(),
  }
}

/** How a program has ended. */
export interface Ended {
  readonly stdout: string
  readonly stderr: string
  readonly code: number
}

/** The result as Ansible takes it from a module. */
export function readResult(ended: Ended, call: Call): Converged {
  const found = jsonOf(ended.stdout)
  const read = found && parsed(found.text)
  if (!found || !isDict(read)) return unreadable(ended)
  const values = cleaned(read)
  if (found.junk !== '') {
    const warnings = values.get('warnings')
    const text = `the module printed something behind its result: ${found.junk}`
    values.set('warnings', [...(Array.isArray(warnings) ? warnings : []), text])
  }
  const changed = truthy((values.get('changed') ?? false) as Item)
  const message = values.get('msg')
  return {
    status: statusOf(values, changed),
    changed,
    message:
      isFailed(values) || truthy((values.get('skipped') ?? false) as Item) ? messageText(message) : undefined,
    values: Object.fromEntries([...values].map(([name, value]) => [keyText(name), value])),
    diffs: call.diff ? diffsOf(values.get('diff'), call) : [],
    facts: factsOf(values),
  }
}

function messageText(message: Value | undefined): string {
  return message === undefined || message === null ? 'the module says no more' : str(message as Item)
}

function statusOf(values: Dict, changed: boolean): Converged['status'] {
  if (isFailed(values)) return 'failed'
  if (truthy((values.get('skipped') ?? false) as Item)) return 'skipped'
  return changed ? 'changed' : 'ok'
}

/** What says nothing of a failure has failed when it tells an exit status other than 0. */
function isFailed(values: Dict): boolean {
  const failed = values.get('failed')
  if (failed !== undefined) return truthy(failed as Item)
  const rc = values.get('rc')
  return rc !== undefined && rc !== 0 && rc !== '0'
}

function parsed(text: string): Value | undefined {
  try {
    return readJson(text) as Value
  } catch {
    return undefined
  }
}

/** Without what is Ansible's own; stdout and stderr as lines, too. */
function cleaned(read: Dict): Dict {
  const values: Dict = new Map([...read].filter(([name]) => !String(name).startsWith('_ansible_')))
  const results = values.get('results')
  if (results !== undefined && !Array.isArray(results)) {
    values.delete('results')
    values.set('ansible_module_results', results)
  }
  for (const name of ['stdout', 'stderr']) {
    const text = values.get(name)
    if (text === undefined || values.has(`${name}_lines`)) continue
    values.set(
      `${name}_lines`,
      typeof text === 'string' && text !== '' ? text.replace(/\r?\n$/, '').split(/\r?\n/) : [],
    )
  }
  return values
}

function factsOf(values: Dict): Dict | undefined {
  const facts = values.get('ansible_facts')
  return isDict(facts) ? facts : undefined
}

function diffsOf(diff: Value | undefined, { moduleName }: Call): Diff[] {
  const list = Array.isArray(diff) ? diff : [diff]
  return list.filter(isDict).map((one) => {
    const text = (name: string): string => {
      const value = one.get(name)
      return value === undefined || value === null
        ? ''
        : typeof value === 'string'
          ? value
          : str(value as Item)
    }
    return {
      name: text('after_header') || text('before_header') || moduleName,
      before: text('before'),
      after: text('prepared') || text('after'),
    }
  })
}

function unreadable({ stdout, stderr, code }: Ended): Converged {
  const said = (stderr.trim() || stdout.trim()).split('\n').slice(-5).join('\n')
  const why = said === '' ? `it ended with status ${code} and said nothing` : said
  const message = `the module printed no result in JSON: ${why}`
  const values = { msg: message, module_stdout: stdout, module_stderr: stderr, rc: code }
  return { status: 'failed', changed: false, message, values, diffs: [] }
}
