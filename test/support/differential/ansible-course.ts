import { readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { execute, type HostKind } from '../../../lab/lab.js'
import type { Case, Recording, RunTrace } from './case.js'
import type { Stage } from './stage.js'

/** Hosts on which Ansible can work. */
export const PYTHON_HOSTS: readonly HostKind[] = ['debian-python', 'debian-python', 'debian-python']

/** The version of ansible-playbook on this machine; undefined when there is none. */
export async function ansibleVersion(): Promise<string | undefined> {
  try {
    const { stdout, status } = await execute('ansible-playbook', ['--version'])
    return status === 0 ? stdout.split('\n')[0] : undefined
  } catch {
    return undefined
  }
}

/** Has ansible-playbook run a case, and gives what it did. */
export async function recordCase(one: Case, stage: Stage, folder: string): Promise<Recording> {
  await stage.reset(one)
  const runs: RunTrace[] = []
  for (const flags of one.runs) runs.push(await runAnsible(one, flags, stage, folder))
  const course = { runs, state: await stage.state(one) }
  const version = (await ansibleVersion()) ?? 'nothing'
  return {
    'recorded with': version,
    ...(JSON.parse(stage.plain(JSON.stringify(course), one)) as typeof course),
  }
}

async function runAnsible(
  one: Case,
  flags: readonly string[],
  stage: Stage,
  folder: string,
): Promise<RunTrace> {
  const trace = join(folder, 'trace.json')
  rmSync(trace, { force: true })
  const { FPLAY_KNOWN_HOSTS_FILE: knownHosts, ...env } = stage.env
  const sources = [stage.inventory, ...one.inventory].flatMap((source) => ['-i', source])
  const { status, stdout, stderr } = await execute('ansible-playbook', [one.file, ...sources, ...flags], '', {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    LANG: 'C.UTF-8',
    ...env,
    ANSIBLE_CALLBACK_PLUGINS: import.meta.dirname,
    ANSIBLE_STDOUT_CALLBACK: 'case_trace',
    ANSIBLE_PYTHON_INTERPRETER: '/usr/bin/python3',
    ANSIBLE_SSH_ARGS: `-o UserKnownHostsFile=${knownHosts} -o ControlMaster=auto -o ControlPersist=30`,
    ANSIBLE_PIPELINING: '1',
    PYTHONDONTWRITEBYTECODE: '1',
    CASE_TRACE: trace,
    ...one.env,
  })
  try {
    return { exit: status, ...(JSON.parse(readFileSync(trace, 'utf8')) as Omit<RunTrace, 'exit'>) }
  } catch {
    throw new Error(
      `${one.name}: ansible-playbook ended with ${status} and no recap in ${dirname(trace)}:\n${stdout}${stderr}`,
    )
  }
}
