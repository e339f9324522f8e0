import { isUnknown, type Maybe } from '../unknown.js'
import { Fail, type PathState, type View, type Wished } from './contract.js'
import type { ParamTable } from './params.js'
import { sh, type Script } from './quote.js'

const DEFAULT = '`_default`: what the policy has for the path. Hosts without SELinux ignore it.'

/** The parameters for the label of SELinux. */
export const SELINUX = {
  seuser: { type: 'str', description: `User in the SELinux label; ${DEFAULT}` },
  serole: { type: 'str', description: `Role in the SELinux label; ${DEFAULT}` },
  setype: { type: 'str', description: `Type in the SELinux label; ${DEFAULT}` },
  selevel: { type: 'str', description: `Level in the SELinux label; ${DEFAULT}` },
} as const satisfies ParamTable

/** The parts of a label in their order, with chcon's options. */
const PARTS = { seuser: '-u', serole: '-r', setype: '-t', selevel: '-l' } as const
type Part = keyof typeof PARTS
const NAMES = Object.keys(PARTS) as Part[]

/** Values of {@link SELINUX}. */
export type Label = { readonly [Name in Part]?: string | undefined }

/** Whether any part is told, and whether one is to be the policy's. */
export function labelTold(params: Readonly<Record<string, unknown>>): 'no' | 'label' | 'policy' {
  const told = NAMES.map((name) => params[name])
  if (told.includes('_default')) return 'policy'
  return told.some((value) => value !== undefined) ? 'label' : 'no'
}

/** The parts of a label; without levels there are three of them. */
export function readLabel(text: string): { readonly [Name in Part]?: string } {
  const [seuser, serole, setype, ...level] = text.split(':') as [string, string?, string?, ...string[]]
  if (serole === undefined || setype === undefined) return {}
  return { seuser, serole, setype, ...(level.length > 0 ? { selevel: level.join(':') } : {}) }
}

/** A label as results tell it; undefined where there is none. */
export function labelText(state: PathState): Maybe<string> | undefined {
  const parts = NAMES.map((name) => state[name]).filter((part) => part !== undefined)
  return parts.find(isUnknown) ?? (parts.length < 3 ? undefined : parts.join(':'))
}

/** What the parameters wish; nothing where the host has no SELinux. A level only where it has levels. */
export function labelWish(params: Label, before: View, state: PathState): Wished<PathState> {
  const place = state.setype === undefined ? before.parent(`path:${state.real}`) : state
  if (place?.setype === undefined) return {}
  const told = NAMES.filter((name) => params[name] !== undefined)
  const meant = told.filter((name) => name !== 'selevel' || place.selevel !== undefined)
  const parts = meant.map((name) => [
    name,
    params[name] === '_default' ? policyPart(name, state) : params[name],
  ])
  return Object.fromEntries(parts) as Wished<PathState>
}

function policyPart(name: Part, { real, policy }: PathState): string {
  const part = readLabel(policy ?? '')[name]
  if (part !== undefined) return part
  throw new Fail(
    `the SELinux policy has no label for ${real}`,
    [`path:${real}`],
    `write ${name} instead of _default`,
  )
}

/** Words of `chcon` for what is wished, for the named parts only. */
export function labelWords(
  wished: Readonly<Record<string, unknown>>,
  names: readonly string[] = Object.keys(wished),
): readonly string[] {
  const parts = NAMES.filter((name) => names.includes(name) && wished[name] !== undefined)
  return parts.flatMap((name) => [PARTS[name], String(wished[name])])
}

/** `chcon` of what is wished, for the named parts only; none where nothing is. */
export function labelScript(
  path: Script,
  wished: Readonly<Record<string, unknown>>,
  names?: readonly string[],
): readonly Script[] {
  const words = labelWords(wished, names)
  return words.length === 0 ? [] : [sh`chcon -h ${words} -- ${path}`]
}
