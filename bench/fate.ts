import { join } from 'node:path'
import { measure, type Launch } from './measure.js'
import { fplay } from './peers.js'
import { write, type Scene } from './scene.js'
import type { Work } from './works.js'

const HOME = '/data/projects/fate'
const IDS = ['10000', '9999'] as const
const BY_HAND = 'scp and ssh'

/** The deployment of two parties of FATE, beside what KubeFATE's scripts do, by hand. */
export const FATE_WORKS: readonly Work[] = [deployment('first'), deployment('again')]

function deployment(run: 'first' | 'again'): Work {
  return {
    name: `fate-${run}`,
    about:
      run === 'first'
        ? 'two parties of FATE on hosts that have the images'
        : 'the same again with nothing to change (by hand everything is stopped and started, as KubeFATE does)',
    place: { hosts: 2, docker: true },
    steps: () => [],
    slow: [BY_HAND, 'fplay'],
    same: deploymentsOf,
    before: async (scene, launch) => {
      await removed(scene)
      await packed(scene)
      if (run === 'again') await measure(launch)
    },
    launches: (scene) => ({ [BY_HAND]: byHand(scene), fplay: deployed(scene) }),
  }
}

/** The packages that are copied by hand; fplay makes its own. */
async function packed(scene: Scene): Promise<void> {
  const parties = scene.hosts.map(({ address }, i) => `  - { id: ${IDS[i]}, address: ${address} }\n`).join('')
  write(
    scene.folder,
    'inventory/parties.yml',
    `plugin: fate_parties\nssh_user: root\ncompute_core: 8\nmysql_password: fate_dev\nparties:\n${parties}`,
  )
  await measure({ command: argv(scene, 'generate'), env: environment(scene) })
}

function deployed(scene: Scene): Launch {
  return { command: argv(scene, 'deploy', '--skip-tags', 'verify'), env: environment(scene) }
}

function argv({ folder }: Scene, playbook: string, ...more: readonly string[]): readonly string[] {
  const file = join(import.meta.dirname, `../playbooks/${playbook}.yml`)
  return fplay(file, '-i', join(folder, 'inventory'), '-e', `output_dir=${join(folder, 'outputs')}`, ...more)
}

function environment({ folder, lab }: Scene): Readonly<Record<string, string>> {
  return { FPLAY_KNOWN_HOSTS_FILE: join(folder, 'known_hosts'), ANSIBLE_PRIVATE_KEY_FILE: lab!.keyFile }
}

/**
 * Copies, unpacks, stops, forgets the logs, starts; then waits until all is healthy and tells FATE's command line where FATE Flow
 * is, as fplay does.
 */
function byHand({ folder, hosts }: Scene): Launch {
  const script = (id: string): string => `set -e
mkdir -p ${HOME}; mv ~/confs-${id}.tar ${HOME}/; cd ${HOME}; tar -xf confs-${id}.tar; cd confs-${id}
mkdir -p shared_dir/examples shared_dir/fate shared_dir/data
docker compose down; docker volume ls -q -f name=confs-${id}_ | grep -E 'shared_dir_(examples|fate)|fate_flow_logs' | xargs -r docker volume rm
docker compose up -d --wait; rm ${HOME}/confs-${id}.tar
docker exec confs-${id}-fateflow-1 bash -c 'flow init --ip fateflow --port 9380; pipeline init --ip fateflow --port 9380'
`
  const one = hosts.map(({ name }, i) => {
    write(folder, `start-${name}`, script(IDS[i]!))
    return `(scp -q -F ssh_config outputs/confs-${IDS[i]}.tar ${name}: && ssh -F ssh_config ${name} sh <start-${name})`
  })
  return { command: ['timeout', '600', 'sh', '-ec', `cd '${folder}'; ${one[0]} & p=$!; ${one[1]}; wait $p`] }
}

/**
 * The containers with their health, the volumes, and the files of the configuration with their modes. Not alike are who owns them,
 * and the passwords that are made up; for MySQL's root only fplay makes up one.
 */
async function deploymentsOf({ lab, numbers }: Scene): Promise<readonly string[]> {
  const look = `docker ps -a --format '{{.Names}} {{.Image}} {{.Status}}' | sed 's/Up .*(/(/' | sort; docker volume ls -q | sort
cd ${HOME} && find confs-*/confs -type f ! -name root-password -printf '%p %m\\n' | sort`
  const seen = await Promise.all(numbers.map((number) => lab!.run(number, ['sh', '-c', look])))
  return seen.map(({ stdout }) => stdout)
}

/** Nothing of FATE is left but the images. */
async function removed({ lab, numbers }: Scene): Promise<void> {
  const script = `docker ps -aq | xargs -r docker rm -fv; docker volume ls -q | xargs -r docker volume rm
docker network prune -f; rm -rf ${HOME} /data/fate`
  for (const number of numbers) {
    const { status, stderr } = await lab!.run(number, ['sh', '-c', script])
    if (status !== 0) throw new Error(`host ${number} could not be emptied: ${stderr}`)
  }
}
