import { parseYaml, parseYamlStream } from '../../yaml.js'
import type { Entries } from '../entry.js'
import type { Item, ItemDict } from '../item.js'
import { EvalError, isInt, isList, isUnset, iterate, orElse, truthy } from '../item.js'
import { wantInt } from '../python/convert.js'
import { readJson } from '../python/json-read.js'
import { writeJson } from '../python/json-write.js'
import { str } from '../python/render.js'
import { writeYaml } from '../python/yaml-write.js'

function indentText(indent: Item | undefined): string | undefined {
  if (isUnset(indent)) return undefined
  return isInt(indent) ? ' '.repeat(Number(indent)) : str(indent)
}

function jsonOf(
  value: Item,
  indent: Item | undefined,
  sortKeys: Item,
  ascii: Item,
  separators: Item | undefined,
): string {
  const text = indentText(indent)
  const [item, key] = isList(separators) ? iterate(separators).map(str) : []
  return writeJson(value, {
    indent: text,
    sortKeys: truthy(sortKeys),
    ascii: truthy(ascii),
    itemSeparator: item ?? (text === undefined ? ', ' : ','),
    keySeparator: key ?? ': ',
  })
}

/** `tojson` writes the characters that HTML gives a meaning to as `\u` escapes. */
function htmlSafeJson(value: Item, [indent]: Item[]): Item {
  const text = jsonOf(value, indent, true, true, null)
  const escapes: Readonly<Record<string, string>> = {
    '<': '\\u003c',
    '>': '\\u003e',
    '&': '\\u0026',
    "'": '\\u0027',
  }
  return text.replace(/[<>&']/g, (char) => escapes[char]!)
}

const YAML_OPTIONS = [
  'default_flow_style',
  'width',
  'sort_keys',
  'explicit_start',
  'explicit_end',
  'indent',
  'allow_unicode',
]

function yamlOf(value: Item, options: ItemDict, indent: number, flow: boolean | undefined): string {
  for (const key of options.keys()) {
    if (!YAML_OPTIONS.includes(str(key))) {
      throw new EvalError(
        `to_yaml has no parameter "${str(key)}"`,
        'expression-failed',
        `allowed: ${YAML_OPTIONS.join(', ')}`,
      )
    }
  }
  const given = (name: string, fallback: Item) => orElse(options.get(name), () => fallback)
  const style = options.get('default_flow_style')
  return writeYaml(value, {
    indent: wantInt(given('indent', indent), 'indent'),
    width: width(given('width', 80)),
    sortKeys: truthy(given('sort_keys', true)),
    flow: isUnset(style) ? flow : truthy(style),
    explicitStart: truthy(given('explicit_start', false)),
    explicitEnd: truthy(given('explicit_end', false)),
  })
}

function width(item: Item): number {
  return typeof item === 'number' ? item : Number(item as number)
}

function plainText(value: Item): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** Filters between values and JSON or YAML. */
export const SERIALIZE_FILTERS: Entries = [
  {
    name: 'to_json',
    summary: 'The value as JSON on one line.',
    signature:
      'indent=None, sort_keys=False, ensure_ascii=True, separators=None, vault_to_text=True, preprocess_unsafe=False',
    run: (value, [indent, sortKeys, ascii, separators]) =>
      jsonOf(value, indent, sortKeys!, ascii!, separators),
  },
  {
    name: 'to_nice_json',
    summary: 'The value as JSON with one entry a line and sorted keys.',
    signature: 'indent=4, sort_keys=True, ensure_ascii=True, vault_to_text=True, preprocess_unsafe=False',
    run: (value, [indent, sortKeys, ascii]) => jsonOf(value, indent, sortKeys!, ascii!, null),
  },
  {
    name: 'tojson',
    summary: 'The value as JSON that is safe inside HTML.',
    signature: 'indent=None',
    run: htmlSafeJson,
  },
  {
    name: 'from_json',
    summary: 'The value that JSON stands for.',
    signature: '',
    run: (value) => {
      const text = plainText(value)
      if (text === undefined) throw new EvalError('from_json needs a text')
      return readJson(text)
    },
  },
  {
    name: 'to_yaml',
    summary: 'The value as YAML; lists and dictionaries of scalars on one line.',
    signature: '**options',
    run: (value, [options]) => yamlOf(value, options as ItemDict, 2, undefined),
  },
  {
    name: 'to_nice_yaml',
    summary: 'The value as YAML with one entry a line.',
    signature: 'indent=4, **options',
    run: (value, [indent, options]) => yamlOf(value, options as ItemDict, wantInt(indent, 'indent'), false),
  },
  {
    name: 'from_yaml',
    summary: 'The value that YAML stands for.',
    signature: '',
    run: (value) => {
      const text = plainText(value)
      return text === undefined ? value : parseYaml(text, '(text of from_yaml)').value
    },
  },
  {
    name: 'from_yaml_all',
    summary: 'The values of the documents in a YAML text.',
    signature: '',
    run: (value) => {
      const text = plainText(value)
      return text === undefined ? value : [...parseYamlStream(text, '(text of from_yaml_all)').documents]
    },
  },
]
