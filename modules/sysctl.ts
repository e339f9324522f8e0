import { posix } from 'node:path'
import {
  defineModule,
  Fail,
  FRESH,
  isUnknown,
  type Ask,
  type Difference,
  type Key,
  type OwnAsk,
  type View,
  type Wish,
} from '../engine/module/contract.js'
import {
  editedAsks,
  editedConverge,
  editedWish,
  linesOf,
  type Edit,
  type Edited,
} from '../engine/module/edited.js'
import type { InferParams } from '../engine/module/params.js'
import { join, sh, type Script } from '../engine/module/quote.js'

const params = {
  name: { type: 'str', required: true, aliases: ['key'], description: 'The setting, such as vm.swappiness.' },
  value: { type: 'str', aliases: ['val'], description: 'Its value; yes and no are 1 and 0.' },
  state: {
    type: 'str',
    default: 'present',
    choices: ['absent', 'present'],
    description: 'Whether it should be in the file.',
  },
  reload: {
    type: 'bool',
    default: true,
    description: 'Read the file again when something changes, so that its values count at once.',
  },
  sysctl_set: {
    type: 'bool',
    default: false,
    description: 'Set the value that counts now, besides the file.',
  },
  ignoreerrors: {
    type: 'bool',
    default: false,
    description: 'Pass over settings that the kernel does not know.',
  },
  sysctl_file: { type: 'path', default: '/etc/sysctl.conf', description: 'The file.' },
} as const
type Params = InferParams<typeof params>

/** Status of a script that found no sysctl. */
const NO_SYSCTL = 96

function edited({ sysctl_file: path }: Params): Edited {
  return { path, backup: false, create: true }
}

function nameOf({ name }: Params): string {
  return name.trim()
}

/** The value as the file has it. */
function valueOf({ value = '' }: Params): string {
  if (/^(?:y|yes|on|1|true|t)$/i.test(value)) return '1'
  return /^(?:n|no|off|0|false|f)$/i.test(value) ? '0' : value.trim()
}

function keyOf(given: Params): Key {
  return `sysctl:${nameOf(given)}`
}

/** The value that counts now: its words, none where the kernel has no such setting, undefined where it does not tell. */
function nowAsk(given: Params): OwnAsk {
  return {
    kind: 'own',
    key: keyOf(given),
    script: sh`PATH=$PATH:/usr/sbin:/sbin
if command -v sysctl >/dev/null 2>&1; then sysctl -n -- ${nameOf(given)}; exit; fi
N=${nameOf(given)}; case \${N#"\${N%%[./]*}"} in .*) N=$(printf %s "$N" | tr ./ /.) ;; esac
[ ! -f "/proc/sys/$N" ] || cat -- "/proc/sys/$N" || :; exit ${NO_SYSCTL}`,
    read: ({ stdout, stderr, code }) => {
      if (code === NO_SYSCTL) return { value: words(stdout), lacking: true }
      if (code === 0) return { value: words(stdout) }
      return { value: /No such file|unknown key/.test(stderr) ? '' : undefined }
    },
  }
}

function words(text: string): string {
  return text.trim().split(/\s+/).join(' ')
}

function edit(given: Params, text: string | undefined): Edit {
  const name = nameOf(given)
  const lines = linesOf(text ?? '').map((line) => line.trim())
  const line = given.state === 'present' ? [`${name}=${valueOf(given)}`] : []
  const found = lines.flatMap(settingIn).findLast((setting) => setting.name === name)
  if (found === undefined ? line.length === 0 : line.length > 0 && found.value === valueOf(given)) {
    return { text: undefined, msg: '' }
  }
  const met = new Set<string>()
  const kept = lines.flatMap((other) => {
    const [setting] = settingIn(other)
    if (setting === undefined) return [other]
    if (met.has(setting.name)) return []
    met.add(setting.name)
    return setting.name === name ? line : [`${setting.name}=${setting.value}`]
  })
  const whole = met.has(name) ? kept : [...kept, ...line]
  return { text: whole.map((one) => `${one}\n`).join(''), msg: '' }
}

function settingIn(line: string): readonly { readonly name: string; readonly value: string }[] {
  const at = line.indexOf('=')
  if (at < 0 || /^[#;]/.test(line)) return []
  return [{ name: line.slice(0, at).trim(), value: line.slice(at + 1).trim() }]
}

function refuse(given: Params): void {
  if (nameOf(given) === '') throw new Fail('name cannot be blank')
  if (given.state === 'present' && given.value === '') throw new Fail('value cannot be blank')
  if (/[\r\n]/.test(`${nameOf(given)}${valueOf(given)}`)) throw new Fail('name and value stand on one line')
}

function probe(given: Params): readonly Ask[] {
  refuse(given)
  return [...editedAsks(edited(given)), nowAsk(given)]
}

function wanted(given: Params, before: View): Wish {
  if (before.own(keyOf(given))['lacking'] === true && !before.brought('sysctl'))
    throw new Fail('the host has no sysctl', ['program:sysctl'], 'install procps (Red Hat: procps-ng)')
  const file = editedWish(edited(given), before, (text) => edit(given, text))
  if (file.size > 0) refuseMissingFolder(given, before)
  return new Map([...file, ...nowWish(given, before)])
}

function refuseMissingFolder({ sysctl_file: path }: Params, before: View): void {
  const folder = posix.dirname(path)
  if (folder === '/') return
  const { type } = before.path(folder)
  if (type === 'directory' || isUnknown(type)) return
  throw new Fail(
    `the folder ${folder} does not exist`,
    [`path:${folder}`],
    'make it with file: state=directory',
  )
}

function nowWish(given: Params, before: View): Wish {
  const { state, reload, sysctl_set: sets, ignoreerrors } = given
  if (state === 'absent' || !(reload || sets)) return new Map()
  const { value } = before.own(keyOf(given))
  if (value === '') {
    if (ignoreerrors) return new Map()
    throw new Fail(
      `setting ${nameOf(given)} failed: the kernel has no such setting`,
      [keyOf(given)],
      'load its module first, or use ignoreerrors',
    )
  }
  return new Map([[keyOf(given), { value: value === undefined ? FRESH : words(valueOf(given)) }]])
}

function converge(given: Params, before: View, differing: ReadonlyMap<Key, Difference>) {
  const own = keyOf(given)
  const files = new Map([...differing].filter(([key]) => key !== own))
  const write = files.size > 0 ? editedConverge(edited(given), before, files) : { script: sh`:`, inputs: [] }
  const quiet = given.ignoreerrors ? ['-e'] : []
  const setting = `${nameOf(given)}=${valueOf(given)}`
  const set =
    given.sysctl_set && differing.has(own)
      ? sh`fplay_sysctl ${`setting ${nameOf(given)} failed`} ${quiet} -w -- ${setting}`
      : sh`:`
  const load = given.reload
    ? sh`fplay_sysctl 'Failed to reload sysctl' ${quiet} -p ${given.sysctl_file}`
    : sh`:`
  return { ...write, script: join([CHECKED, set, write.script, load]) }
}

/** sysctl may fail to set a value and end with status 0 all the same. */
const CHECKED: Script = sh`PATH=$PATH:/usr/sbin:/sbin
fplay_sysctl() {
  W=$1; shift
  E=$(sysctl "$@" 2>&1 >/dev/null) || { printf '%s: %s\\n' "$W" "$E" >&2; exit 1; }
  case $E in
    *': Invalid argument'* | *': Read-only file system'* | *' unknown key'*) printf '%s: %s\\n' "$W" "$E" >&2; exit 1 ;;
  esac
}`

/** Sees to settings of the kernel. */
export default defineModule({
  summary: 'Manage settings of the kernel and the file that keeps them',
  params,
  rules: { requiredIf: [['state', 'present', ['value']]] },
  returns: { name: 'The setting.', value: 'The value as the file has it.', state: 'As given.' },
  examples: `
- name: Let the host forward packets
  sysctl: {name: net.ipv4.ip_forward, value: "1", sysctl_file: /etc/sysctl.d/90-fate.conf}
`,
  probe,
  wanted,
  converge,
  result: (given) => {
    const value = given.state === 'present' ? { value: valueOf(given) } : {}
    return { values: { name: nameOf(given), state: given.state, ...value } }
  },
})
