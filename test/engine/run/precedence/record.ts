/**
 * Records which level of variables ansible-playbook prefers:
 *
 *     npx tsx test/engine/run/precedence/record.ts
 *
 * Needs ansible-core on this machine; no host is reached.
 */
import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execute } from '../../../../lab/lab.js'
import { ansibleVersion } from '../../../support/differential/ansible-course.js'
import type { RunTrace } from '../../../support/differential/case.js'
import { answersOf, expectedAnswers, USER, USER_LEVELS, WAYS } from './answers.js'
import type { Recorded } from './answers.js'
import { allPairs, LEVELS, sayAll, standingOf, writeProject } from './project.js'
import type { Level, Project, Way } from './project.js'

const CALLBACKS = join(import.meta.dirname, '../../../support/differential')

async function ansible(project: Project, folder: string, more: readonly string[]): Promise<RunTrace> {
  const trace = join(folder, 'trace.json')
  const argv = [project.playbook, '-i', project.inventory, '-e', JSON.stringify(project.extraVars), ...more]
  const { status, stdout, stderr } = await execute('ansible-playbook', argv, '', {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    LANG: 'C.UTF-8',
    ANSIBLE_CALLBACK_PLUGINS: CALLBACKS,
    ANSIBLE_STDOUT_CALLBACK: 'case_trace',
    ANSIBLE_CACHE_PLUGIN: 'jsonfile',
    ANSIBLE_CACHE_PLUGIN_CONNECTION: project.facts,
    CASE_TRACE: trace,
  })
  try {
    return { exit: status, ...(JSON.parse(readFileSync(trace, 'utf8')) as Omit<RunTrace, 'exit'>) }
  } catch {
    throw new Error(`ansible-playbook ended with ${status}:\n${stdout}${stderr}`)
  }
}

/** Which user Ansible logs in as: an ssh that reaches nobody says so. */
async function userOf(level: (typeof USER_LEVELS)[number], folder: string): Promise<string> {
  const ssh = join(folder, 'ssh')
  const said = join(folder, 'said')
  writeFileSync(ssh, `#!/bin/sh\necho "$@" >${said}\nexit 255\n`)
  chmodSync(ssh, 0o755)
  const project = writeProject(join(folder, 'user'), standingOf(new Map([[USER, [level]]])), 'roles', {
    raw: 'true',
  })
  await ansible(project, folder, ['-u', 'command line', '-e', `ansible_ssh_executable=${ssh}`])
  rmSync(join(folder, 'user'), { recursive: true })
  return /User="([^"]*)"/.exec(readFileSync(said, 'utf8'))![1]!
}

/** The levels by how often they win. Fails where that is no order: where a level wins over one that wins over more. */
function orderOf(
  pairs: ReadonlyMap<string, readonly Level[]>,
  answers: Readonly<Record<string, string>>,
): Level[] {
  const wins = (level: Level): number => Object.values(answers).filter((answer) => answer === level).length
  const order = [...LEVELS].sort((a, b) => wins(a) - wins(b))
  assert.deepEqual(answers, expectedAnswers(pairs, order))
  return order
}

async function record(folder: string): Promise<Recorded> {
  const pairs = allPairs()
  const order: Partial<Record<Way, Level[]>> = {}
  for (const way of WAYS) {
    const project = writeProject(join(folder, way), standingOf(pairs), way, sayAll(pairs.keys()))
    order[way] = orderOf(pairs, answersOf(await ansible(project, folder, [])))
  }
  const user: Record<string, string> = {}
  for (const level of USER_LEVELS) user[level] = await userOf(level, folder)
  return { 'recorded with': (await ansibleVersion())!, order: order as Recorded['order'], user }
}

const folder = mkdtempSync(join(tmpdir(), 'fplay-precedence-'))
const recorded = await record(folder)
rmSync(folder, { recursive: true })
writeFileSync(join(import.meta.dirname, 'recorded.json'), `${JSON.stringify(recorded, undefined, 2)}\n`)
