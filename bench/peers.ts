import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { execute } from '../lab/lab.js'
import type { Launch } from './measure.js'
import { write, type Scene } from './scene.js'

/** A way to do the work of a playbook. */
export interface Peer {
  /** As tables call it. */
  readonly title: string
  /** True: so slow that it runs fewer times. */
  readonly slow?: boolean
  /** Prints its version. */
  readonly version: readonly string[]
  /** What is wanted of the machine, when that is not there. */
  missing?(): string | undefined
  /** How it does the work of a scene. */
  launch(scene: Scene): Launch
}

const FPLAY = join(import.meta.dirname, '../dist/engine/cli/main.js')
const MITOGEN = '/usr/lib/python3/dist-packages/ansible_mitogen/plugins/strategy'
/** Hosts at once, for all that have such a limit. */
const FORKS = 50

const ansible = (title: string, env: Readonly<Record<string, string>>): Peer => ({
  title,
  slow: true,
  version: ['ansible-playbook', '--version'],
  missing: () => (existsSync('/usr/bin/ansible-playbook') ? undefined : 'needs the package ansible'),
  launch: ({ folder }) => {
    // Masters outlive a run, so each run has a folder of its own for them, and ends them.
    const run = `cd '${folder}'; d=$(mktemp -d); export ANSIBLE_SSH_CONTROL_PATH_DIR=$d
ansible-playbook site.yml -i hosts "$@"; code=$?
for s in "$d"/*; do [ ! -S "$s" ] || ssh -o ControlPath="$s" -O exit x 2>/dev/null; done; rm -rf "$d"; exit $code`
    return {
      command: ['sh', '-c', run],
      env: {
        ANSIBLE_LOCALHOST_WARNING: '0',
        ANSIBLE_SSH_COMMON_ARGS: `-o UserKnownHostsFile=${folder}/known_hosts`,
        ...env,
      },
    }
  },
})

const shell = (title: string, text: (folder: string) => string): Peer => ({
  title,
  version: ['ssh', '-V'],
  launch: ({ folder }) => {
    write(folder, `one-${title}.sh`, text(folder))
    const all = `xargs -P ${FORKS} -n 1 sh '${folder}/one-${title}.sh' <'${folder}/names'`
    return { command: ['sh', '-c', all] }
  },
})

/** Who does the work of playbooks. */
export const PEERS = {
  floor: shell('floor', (folder) => `exec ssh -F '${folder}/ssh_config' "$1" sh <'${folder}/scripts/'"$1"\n`),
  fplay: {
    title: 'fplay',
    version: ['node', FPLAY, '--version'],
    launch: ({ folder }) => ({
      command: ['node', FPLAY, join(folder, 'site.yml'), '-i', join(folder, 'hosts'), '-f', String(FORKS)],
      env: { FPLAY_KNOWN_HOSTS_FILE: join(folder, 'known_hosts') },
    }),
  },
  ssh: shell(
    'ssh-per-task',
    (folder) => `ssh() { command ssh -F '${folder}/ssh_config' -o ControlPath='${folder}/cm-%n' "$@"; }
ssh -o ControlMaster=yes -Nf "$1"
for step in '${folder}/steps/'"$1"/*; do ssh "$1" sh <"$step" || exit; done
ssh -O exit "$1" 2>/dev/null\n`,
  ),
  mitogen: {
    ...ansible('Ansible with Mitogen', {
      ANSIBLE_FORKS: String(FORKS),
      ANSIBLE_STRATEGY: 'mitogen_linear',
      ANSIBLE_STRATEGY_PLUGINS: MITOGEN,
    }),
    missing: () => (existsSync(MITOGEN) ? undefined : 'needs the package ansible-mitogen'),
  },
  tuned: ansible('Ansible tuned', { ANSIBLE_FORKS: String(FORKS), ANSIBLE_PIPELINING: '1' }),
  default: ansible('Ansible as it comes', {}),
} as const satisfies Readonly<Record<string, Peer>>

/** Name of a peer. */
export type PeerName = keyof typeof PEERS

/** fplay with these arguments. */
export function fplay(...args: readonly string[]): readonly string[] {
  return ['node', FPLAY, ...args]
}

/** The first line a peer says of its version. */
export async function versionOf({ version: [program, ...args] }: Peer): Promise<string> {
  const { stdout, stderr } = await execute(program!, args)
  return (stdout || stderr).split('\n')[0]!
}
