import { posix } from 'node:path'
import { contentOf, type Content } from '../engine/content.js'
import { ATTRIBUTES, ATTRIBUTE_RETURNS } from '../engine/module/attributes.js'
import {
  defineModule,
  Fail,
  type Key,
  type Maybe,
  type PathState,
  type Wished,
} from '../engine/module/contract.js'
import { encode } from '../engine/module/encoding.js'
import {
  PLACED,
  bytesOf,
  folderWishes,
  placedAsks,
  placedPath,
  placedScript,
  placedUnproven,
  placedValues,
  placedWish,
} from '../engine/module/placed.js'
import type { InferParams, ParamTable } from '../engine/module/params.js'
import { join } from '../engine/module/quote.js'
import { backupsBrought, folderFlags, makeFolder } from '../engine/module/write.js'
import { isUnknown } from '../engine/unknown.js'

/** How a Jinja template is written. */
const JINJA = {
  trim_blocks: { type: 'bool', default: true, description: 'Drop the line end after a Jinja block.' },
  lstrip_blocks: { type: 'bool', default: false, description: 'Drop the blanks before a Jinja block.' },
  block_start_string: { type: 'str', default: '{%', description: 'Start of a Jinja block.' },
  block_end_string: { type: 'str', default: '%}', description: 'End of a Jinja block.' },
  variable_start_string: { type: 'str', default: '{{', description: 'Start of a Jinja expression.' },
  variable_end_string: { type: 'str', default: '}}', description: 'End of a Jinja expression.' },
  comment_start_string: { type: 'str', default: '{#', description: 'Start of a Jinja comment.' },
  comment_end_string: { type: 'str', default: '#}', description: 'End of a Jinja comment.' },
} as const satisfies ParamTable

/** Renders a template on the controller and puts the result on the host. */
export default defineModule({
  summary: 'Put a rendered template on the host',
  description:
    'A template named .hbs is Handlebars (no HTML escaping, every undefined name is an error); any other is Jinja.',
  params: {
    src: {
      type: 'str',
      required: true,
      searched: { folder: 'templates' },
      description: 'The template, searched in templates/ of the role or playbook.',
    },
    ...PLACED,
    ...ATTRIBUTES,
    newline_sequence: {
      type: 'str',
      default: '\n',
      choices: ['\n', '\r', '\r\n', '\\n', '\\r', '\\r\\n'],
      description: 'How lines end, as such or written with a backslash.',
    },
    output_encoding: {
      type: 'str',
      default: 'utf-8',
      description: 'Encoding of the file, as Python names it: utf-8, utf-16, latin-1 or gbk.',
    },
    ...JINJA,
  },
  listsDiff: true,
  returns: {
    dest: 'Path of the file.',
    checksum: 'SHA-1 of its bytes.',
    md5sum: 'MD5 of its bytes, when they were written.',
    ...ATTRIBUTE_RETURNS,
    state: 'Always file.',
    backup_file: 'Where the old file was kept.',
  },
  examples: `
- name: Write the route table
  template: {src: route_table.json.hbs, dest: /data/projects/fate/route_table.json, mode: "0644"}
`,
  prepare: async (given, controller): Promise<Rendered> => {
    const options = jinjaOf(given)
    const text = await controller.render(given.src, options, given.dest)
    const name = posix.basename(given.src)
    if (isUnknown(text)) return { name, content: text }
    const end = given.newline_sequence.replace('\\n', '\n').replace('\\r', '\r')
    return { name, content: contentOf(encode(text.replaceAll('\n', end), given.output_encoding)) }
  },
  early: (given) => placedAsks(given, posix.basename(given.src)),
  probe: (given, { name }) => placedAsks(given, name),
  wanted: (given, before, { name, content }) => {
    const path = placedPath(given, name, before)
    const wish = placedWish(given, path, bytesOf(content), before)
    return new Map<Key, Wished<PathState>>(
      wish === undefined ? [] : [...folderWishes(given, before), [`path:${path}`, wish]],
    )
  },
  converge: (given, before, differing, { content }) => {
    const bytes = content as Content
    const scripts = [...differing.values()].map((difference) =>
      difference.wished['type'] === 'directory'
        ? makeFolder(difference)
        : placedScript(given, { n: 0, content: bytes }, difference, before),
    )
    return {
      script: join([...scripts, ...folderFlags(differing)]),
      inputs: [bytes],
      verbatim: given.validate === undefined,
      plain: given.validate === undefined,
    }
  },
  result: (given, before, after, ran, { name, content }) => ({
    values: placedValues(placedPath(given, name, before), given, before, after, ran, content),
  }),
  brings: (given, _before, differing) => backupsBrought(given, differing),
  unproven: placedUnproven,
})

/** The settings of Jinja. Throws Fail where they would do nothing, because the template is Handlebars. */
function jinjaOf(given: InferParams<typeof JINJA> & { readonly src: string }): InferParams<typeof JINJA> {
  const names = Object.keys(JINJA) as (keyof typeof JINJA)[]
  const other = names.find((name) => given[name] !== JINJA[name].default)
  if (other !== undefined && posix.extname(given.src) === '.hbs') {
    throw new Fail(`${other} is of Jinja, and ${given.src} is a Handlebars template`, [], 'leave it out')
  }
  return Object.fromEntries(names.map((name) => [name, given[name]])) as InferParams<typeof JINJA>
}

interface Rendered {
  readonly name: string
  /** Unknown when the template uses a value that only the run can tell. */
  readonly content: Maybe<Content>
}
