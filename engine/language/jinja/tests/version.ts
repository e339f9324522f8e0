import type { Entries } from '../entry.js'
import type { Item } from '../item.js'
import { EvalError, isUnset, truthy } from '../item.js'
import { compareText } from '../python/compare.js'
import { str } from '../python/render.js'

type Compare = (a: string, b: string) => number

const OPERATORS: ReadonlyMap<string, (order: number) => boolean> = new Map(
  (
    [
      [['==', '=', 'eq'], (order: number) => order === 0],
      [['!=', '<>', 'ne'], (order: number) => order !== 0],
      [['<', 'lt'], (order: number) => order < 0],
      [['<=', 'le'], (order: number) => order <= 0],
      [['>', 'gt'], (order: number) => order > 0],
      [['>=', 'ge'], (order: number) => order >= 0],
    ] as const
  ).flatMap(([names, holds]) => names.map((name) => [name, holds] as const)),
)

type Part = number | string

function looseParts(version: string): Part[] {
  const parts = version.match(/\d+|[a-z]+|[^\da-z.]+|\.{2,}/g) ?? []
  return parts.filter((part) => part !== '.').map((part) => (/^\d+$/.test(part) ? Number(part) : part))
}

/** Numbers and words between dots, compared one by one, as distutils' LooseVersion does. */
function loose(a: string, b: string): number {
  const [left, right] = [looseParts(a), looseParts(b)]
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const [x, y] = [left[i]!, right[i]!]
    if (typeof x !== typeof y)
      throw new EvalError(`the versions "${a}" and "${b}" cannot be compared: ${x} with ${y}`)
    if (x !== y) return typeof x === 'number' ? x - (y as number) : compareText(x, y as string)
  }
  return left.length - right.length
}

function strict(a: string, b: string): number {
  const parse = (version: string) => {
    const match = /^(\d+)\.(\d+)(?:\.(\d+))?(?:([ab])(\d+))?$/.exec(version)
    if (!match) throw new EvalError(`"${version}" is not a version like 1.2.3 or 1.2b1`)
    const before = match[4] ? (match[4] === 'a' ? 0 : 1) : 2
    return [Number(match[1]), Number(match[2]), Number(match[3] ?? 0), before, Number(match[5] ?? 0)]
  }
  return firstDifference(parse(a), parse(b))
}

function firstDifference(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!
  return 0
}

const SEMVER =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?(?:\+[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*)?$/

function semver(a: string, b: string): number {
  const parse = (version: string) => {
    const match = SEMVER.exec(version)
    if (!match) throw new EvalError(`"${version}" is not a semantic version like 1.2.3-rc.1`)
    return { core: match.slice(1, 4).map(Number), pre: match[4]?.split('.') }
  }
  const [left, right] = [parse(a), parse(b)]
  const core = firstDifference(left.core, right.core)
  if (core !== 0) return core
  if (!left.pre || !right.pre) return left.pre ? -1 : right.pre ? 1 : 0
  return prerelease(left.pre, right.pre)
}

function prerelease(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const [x, y] = [a[i]!, b[i]!]
    if (x === y) continue
    const [numberX, numberY] = [/^\d+$/.test(x), /^\d+$/.test(y)]
    if (numberX && numberY) return Number(x) - Number(y)
    return numberX ? -1 : numberY ? 1 : compareText(x, y)
  }
  return a.length - b.length
}

/** Python's own scheme: epoch, release, pre-, post- and development releases. */
function pep440(a: string, b: string): number {
  const parse = (version: string) => {
    const match =
      /^v?(?:(\d+)!)?(\d+(?:\.\d+)*)(?:[-_.]?(a|b|c|rc|alpha|beta|pre|preview)[-_.]?(\d*))?(?:(?:-(\d+))|[-_.]?(?:post|rev|r)[-_.]?(\d*))?(?:[-_.]?dev[-_.]?(\d*))?(?:\+[a-z0-9]+(?:[-_.][a-z0-9]+)*)?$/i.exec(
        version.trim(),
      )
    if (!match) throw new EvalError(`"${version}" is not a version of PEP 440`)
    return pep440Key(match, /dev/i.test(version), /post|rev|[^r]r\d|-\d+/i.test(version))
  }
  const [left, right] = [parse(a), parse(b)]
  const length = Math.max(left.release.length, right.release.length)
  const padded = (release: readonly number[]) => Array.from({ length }, (_, i) => release[i] ?? 0)
  return firstDifference(
    [left.epoch, ...padded(left.release), ...left.rest],
    [right.epoch, ...padded(right.release), ...right.rest],
  )
}

function pep440Key(match: RegExpExecArray, isDev: boolean, isPost: boolean) {
  const [, epoch, release, kind, number, post, namedPost, dev] = match
  const rank = kind ? ({ a: 0, b: 1 }[kind[0]!.toLowerCase()] ?? 2) : isDev && !isPost ? -1 : 3
  return {
    epoch: Number(epoch ?? 0),
    release: release!.split('.').map(Number),
    rest: [
      rank,
      Number(number || 0),
      isPost ? Number(post ?? namedPost ?? 0) : -1,
      isDev ? Number(dev || 0) : Infinity,
    ],
  }
}

const TYPES: ReadonlyMap<string, Compare> = new Map([
  ['loose', loose],
  ['strict', strict],
  ['semver', semver],
  ['semantic', semver],
  ['pep440', pep440],
])

function version(value: Item, [other, operator, strictly, type]: Item[]): Item {
  if (!isUnset(strictly) && !isUnset(type))
    throw new EvalError('version takes strict or version_type, not both')
  if (!truthy(value) || !truthy(other!)) throw new EvalError('a version to compare is empty')
  const kind = !isUnset(strictly) && truthy(strictly) ? 'strict' : isUnset(type) ? 'loose' : str(type)
  const compare = TYPES.get(kind)
  if (!compare)
    throw new EvalError(
      `there is no version_type "${kind}"`,
      'expression-failed',
      `allowed: ${[...TYPES.keys()].join(', ')}`,
    )
  const holds = OPERATORS.get(str(operator!))
  if (!holds) {
    throw new EvalError(
      `versions cannot be compared by "${str(operator!)}"`,
      'expression-failed',
      `allowed: ${[...OPERATORS.keys()].join(', ')}`,
    )
  }
  return holds(compare(str(value), str(other!)))
}

/** Tests of version numbers. */
export const VERSION_TESTS: Entries = [
  {
    name: 'version',
    aliases: ['version_compare'],
    summary: 'It stands in this relation to another version.',
    signature: "version, operator='eq', strict=None, version_type=None",
    run: version,
  },
]
