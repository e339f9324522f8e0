import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { PRECEDENCE } from '../../../engine/language/variables.js'
import { runFplay } from '../../support/differential/fplay-course.js'
import { neverConnected, PLAIN, play } from './playing.js'
import { answersOf, expectedAnswers, USER, USER_LEVELS, WAYS } from './precedence/answers.js'
import type { Recorded } from './precedence/answers.js'
import { allPairs, LEVELS, sayAll, standingOf, writeProject } from './precedence/project.js'
import type { Level } from './precedence/project.js'

const recorded = JSON.parse(
  readFileSync(join(import.meta.dirname, 'precedence/recorded.json'), 'utf8'),
) as Recorded

describe('variables at two levels', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fplay-precedence-'))
  after(() => rmSync(folder, { recursive: true }))

  for (const way of WAYS) {
    it(`each level against each other, in a role by ${way}: as ansible-playbook answered`, async () => {
      const pairs = allPairs()
      const project = writeProject(join(folder, way), standingOf(pairs), way, sayAll(pairs.keys()))
      const argv = [project.playbook, '-i', project.inventory, '-e', JSON.stringify(project.extraVars)]
      const { trace, output } = await runFplay(argv, {
        FPLAY_CONFIG: '/dev/null',
        XDG_STATE_HOME: folder,
        ANSIBLE_CACHE_PLUGIN: 'jsonfile',
        ANSIBLE_CACHE_PLUGIN_CONNECTION: project.facts,
      })
      expect(trace.exit, output).to.equal(0)
      expect(answersOf(trace)).to.deep.equal(expectedAnswers(pairs, recorded.order[way]))
    })
  }

  for (const level of USER_LEVELS) {
    it(`${USER} at the level ${level} against -u`, async () => {
      expect(await loginUser(level, folder)).to.equal(recorded.user[level])
    })
  }

  it('no level is left out', () => {
    const rows = new Set(LEVELS.flatMap((level) => ROWS[level]))
    expect([...rows, 'magic variables']).to.have.members([...PRECEDENCE])
  })
})

/** The levels of the engine's own table for each level of Ansible's. */
const ROWS: Readonly<Record<Level, readonly (typeof PRECEDENCE)[number][]>> = {
  'role defaults': ['role defaults'],
  'inventory file, group all': ['inventory group vars'],
  'inventory file, group': ['inventory group vars'],
  'inventory group_vars/all': ['inventory group_vars/all'],
  'playbook group_vars/all': ['playbook group_vars/all'],
  'inventory group_vars/*': ['inventory group_vars'],
  'playbook group_vars/*': ['playbook group_vars'],
  'inventory file, host': ['inventory host vars'],
  'inventory host_vars/*': ['inventory host_vars'],
  'playbook host_vars/*': ['playbook host_vars'],
  facts: ['facts'],
  'play vars': ['play vars'],
  vars_prompt: ['vars_prompt'],
  vars_files: ['vars_files'],
  'role vars': ['role vars'],
  'block around the include': ['block vars'],
  'block vars': ['block vars'],
  'task vars': ['task vars'],
  include_vars: ['include_vars'],
  set_fact: ['set_fact and register'],
  registered: ['set_fact and register'],
  'role params': ['role params'],
  'include params': ['include params'],
  'extra vars': ['extra vars'],
}

/** Whom a task logs in as when `-u` says one and the variable at this level another. */
async function loginUser(level: Level, folder: string): Promise<string | undefined> {
  const inner = join(folder, level.replace(/\W/g, '-'))
  const standing = standingOf(new Map([[USER, [level]]]))
  const project = writeProject(inner, standing, 'roles', { raw: 'true', ignore_unreachable: true })
  const users: (string | undefined)[] = []
  const settings = {
    extraVars: new Map(Object.entries(project.extraVars)),
    connection: { ...PLAIN.connection, user: 'command line' },
    factCache: { folder: project.facts, prefix: '', seconds: 0, flush: false },
  }
  const connect = (to: Parameters<typeof neverConnected>[0]): ReturnType<typeof neverConnected> => {
    users.push(to.user)
    return neverConnected(to)
  }
  await play(project.playbook, [project.inventory], settings, { connect })
  return users.at(-1)
}
