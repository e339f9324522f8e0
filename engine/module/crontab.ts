import { Fail } from './contract.js'

/** A job or variable as it should be in a crontab, or not. */
export type CronWish =
  | { readonly kind: 'job'; readonly name: string; readonly line: string | undefined }
  | {
      readonly kind: 'env'
      readonly name: string
      /** Undefined: it should not be there. */
      readonly line: string | undefined
      readonly after?: string | undefined
      readonly before?: string | undefined
    }

/** What becomes of a crontab. */
export interface CronEdit {
  /** The text as it should be; undefined when it is so. */
  readonly text: string | undefined
  /** Names of the jobs that have one, and of the variables. */
  readonly jobs: readonly string[]
  readonly envs: readonly string[]
}

const MARK = '#Ansible: '

/** Edits the text of a crontab. */
export function editCrontab(text: string, wish: CronWish): CronEdit {
  const lines = text.split(/\r\n|[\r\n]/)
  if (lines.at(-1) === '') lines.pop()
  const edited = wish.kind === 'job' ? editJob(lines, wish) : editEnv(lines, wish)
  const unended = text !== '' && !/[\r\n]$/.test(text)
  const after = edited ?? lines
  return {
    text: edited !== undefined || unended ? render(after) : undefined,
    jobs: after.filter((line) => line.startsWith(MARK)).map(nameIn),
    envs: after.filter((line) => /^\S+=/.test(line)).map((line) => line.split('=')[0]!),
  }
}

function render(lines: readonly string[]): string {
  const text = lines.join('\n').replace(/[\r\n]+$/, '')
  return text === '' ? '' : `${text}\n`
}

function nameIn(line: string): string {
  return line.replaceAll(MARK, '')
}

type Lines = readonly string[]

/** Undefined: nothing is to be done. */
function editJob(lines: Lines, { name, line }: Extract<CronWish, { kind: 'job' }>): Lines | undefined {
  const found = jobNamed(lines, name)
  if (line === undefined) return found === undefined ? undefined : replaceJob(lines, name, undefined)
  if (found !== undefined) return found === line ? undefined : replaceJob(lines, name, line)
  const named = namedByLine(lines, name, line)
  return named ? replaceJob(named, name, line) : [...lines, `${MARK}${name}`, line]
}

/** The line behind the name, which is passed over even where it is a name itself. */
function jobNamed(lines: Lines, name: string): string | undefined {
  for (let i = 0; i < lines.length; i++) {
    if (!lines[i]!.startsWith(MARK)) continue
    if (nameIn(lines[i]!) === name && i + 1 < lines.length) return lines[i + 1]
    i++
  }
  return undefined
}

function replaceJob(lines: Lines, name: string, line: string | undefined): Lines {
  const kept: string[] = []
  for (let i = 0; i < lines.length; i++) {
    if (lines[i] !== `${MARK}${name}`) kept.push(lines[i]!)
    else if (i++ + 1 < lines.length && line !== undefined) kept.push(`${MARK}${name}`, line)
  }
  return kept
}

/** A job that is there without a name gets one. */
function namedByLine(lines: Lines, name: string, line: string): Lines | undefined {
  for (const [i, found] of lines.entries()) {
    if (found !== line) continue
    const above = lines.at(i - 1)!
    if (!above.startsWith(MARK)) return [...lines.slice(0, i), `${MARK}${name}`, ...lines.slice(i)]
    if (name !== '' && above === `${MARK}None`) {
      return lines.map((other, at) => (at === (i || lines.length) - 1 ? `${MARK}${name}` : other))
    }
  }
  return undefined
}

function editEnv(lines: Lines, wish: Extract<CronWish, { kind: 'env' }>): Lines | undefined {
  const { name, line, after, before } = wish
  const isOf = (variable: string) => (text: string) => text.startsWith(`${variable}=`)
  const found = lines.find(isOf(name))
  if (line === undefined) return found === undefined ? undefined : lines.filter((text) => !isOf(name)(text))
  if (found !== undefined) {
    return found === line ? undefined : lines.map((text) => (isOf(name)(text) ? line : text))
  }
  const other = after ?? before
  if (other === undefined) return [line, ...lines]
  const at = lines.findIndex(isOf(other))
  if (at < 0) throw new Fail(`Variable named '${other}' not found.`)
  const place = after === undefined ? at : at + 1
  return [...lines.slice(0, place), line, ...lines.slice(place)]
}
