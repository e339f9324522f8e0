import { isUtf8 } from 'node:buffer'
import { readFileSync } from 'node:fs'
import { FplayError } from '../errors.js'
import type { Place } from '../errors.js'
import { isVaultText } from '../language/vault.js'
import { checkExpression, checkFile, checkTemplate, hasTemplate } from '../language/template.js'
import { keyPlaceOf, placeOf } from '../language/place.js'
import { isDict } from '../language/value.js'
import type { Value } from '../language/value.js'
import type { Block, Play, Task, Written } from './play.js'
import type { Problems } from './problems.js'

/** Finds templates that cannot be parsed and filters that do not exist, in each value once. */
export interface TextChecker {
  /** Every text in a value, at any depth, keys too. */
  value(value: Value | undefined, place: Place | undefined, task?: string): void
  /** The text of a template file; one that cannot be read as text is left to the run. */
  file(path: string, task?: string): void
  /** An expression without braces, or (as Ansible allows) a template. */
  expression(written: Written, task?: string): void
}

/** A checker that tells these problems. */
export function createTextChecker(problems: Problems): TextChecker {
  const seen = new WeakSet<object>()
  const attempt = (work: () => void, task: string | undefined): void => {
    try {
      work()
    } catch (error) {
      if (!(error instanceof FplayError)) throw error
      for (const problem of error.problems) problems.add({ ...problem, task: problem.task ?? task })
    }
  }
  const check = (value: Value | undefined, place: Place | undefined, task?: string): void => {
    if (typeof value === 'string') {
      if (hasTemplate(value)) attempt(() => checkTemplate(value, place), task)
    } else if (Array.isArray(value) || isDict(value)) {
      if (seen.has(value)) return
      seen.add(value)
      if (Array.isArray(value))
        for (const [index, item] of value.entries()) check(item, placeOf(value, index) ?? place, task)
      else for (const [key, item] of value) check(item, placeOf(value, key) ?? place, task)
      if (isDict(value)) for (const key of value.keys()) check(key, keyPlaceOf(value, key) ?? place, task)
    }
  }
  const files = new Set<string>()
  return {
    value: check,
    file(path, task) {
      if (files.has(path)) return
      files.add(path)
      const text = textOf(path)
      if (text !== undefined && !isVaultText(text)) attempt(() => checkFile(text, path), task)
    },
    expression: ({ value, place }, task) => {
      if (typeof value !== 'string') check(value, place, task)
      else if (hasTemplate(value)) attempt(() => checkTemplate(value, place), task)
      else if (value.trim()) attempt(() => checkExpression(value, place), task)
    },
  }
}

function textOf(path: string): string | undefined {
  try {
    const bytes = readFileSync(path)
    return isUtf8(bytes) ? bytes.toString('utf8') : undefined
  } catch {
    return undefined
  }
}

const PLAIN = [
  'become', 'becomeUser', 'becomeMethod', 'becomeFlags', 'becomeExe', 'checkMode', 'diff', 'ignoreErrors',
  'ignoreUnreachable', 'anyErrorsFatal', 'noLog', 'runOnce', 'throttle', 'timeout', 'connection', 'port', 'remoteUser',
  'delegateTo', 'delegateFacts',
] as const // prettier-ignore

/** The texts of the keywords that all nodes share. */
export function checkShared(node: Task | Block | Play, texts: TextChecker): void {
  const task = node.kind === 'task' ? node.name : undefined
  const written = [
    ...PLAIN.map((name) => node[name]),
    ...node.environment,
    ...node.moduleDefaults,
    ...(node.notify ?? []),
  ]
  for (const one of written) texts.value(one?.value, one?.place, task)
  texts.value(node.vars, node.place, task)
  texts.value(node.name, node.place, task)
  for (const condition of node.when) texts.expression(condition, task)
}

/** The texts of a task beside its parameters. */
export function checkTaskTexts(task: Task, texts: TextChecker): void {
  const conditions = [...task.until, ...(task.failedWhen ?? []), ...(task.changedWhen ?? [])]
  for (const condition of conditions) texts.expression(condition, task.name)
  texts.value(task.loop?.value, task.loop?.place, task.name)
  const others = [...Object.values(task.loopControl), task.retries, task.delay, task.async, task.poll]
  for (const one of others as (Written | undefined)[]) texts.value(one?.value, one?.place, task.name)
}

/** The texts of a play's own keywords. */
export function checkPlayTexts(play: Play, texts: TextChecker): void {
  const { hosts, gatherFacts, gatherSubset, gatherTimeout, factPath, strategy, serial, order } = play
  const settings = [hosts, gatherFacts, gatherSubset, gatherTimeout, factPath, strategy, serial, order]
  for (const one of [...settings, play.maxFailPercentage, play.forceHandlers, ...play.varsFiles]) {
    texts.value(one?.value, one?.place)
  }
}
