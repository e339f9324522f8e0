import { expect } from 'chai'
import type { Lab } from '../../lab/lab.js'
import { changes } from './foretell.js'
import { shellOn } from './lab.js'
import type { Calling, Ran, Workplace } from './workplace.js'

/** Two parties on the first two hosts of a lab: 10000 on host 1, 9999 on host 2. */
export interface FateParties {
  /** First three numbers of their addresses, with the last dot. */
  net(): Promise<string>
  /** Writes the parties file. */
  inventory(more?: MoreOfParties): Promise<void>
  /** A playbook of the project with that inventory, as on the command line. */
  argv(playbook: string, more?: readonly string[]): string[]
  /** Runs it. */
  play(playbook: string, argv?: readonly string[], calling?: Calling): Promise<Ran>
  /** Runs it in check mode and for real, and compares which tasks change something; gives the real run. */
  foretold(playbook: string, argv?: readonly string[], calling?: Calling): Promise<Ran>
  /** Output of a shell's text on a host as root; a status other than 0 is an error. */
  shell(host: number, script: string): Promise<string>
  /** Result of a statement in the database of the party on that host. */
  sql(host: 1 | 2, statement: string): Promise<string>
  /** The data of these parties goes too. */
  purge(...ids: readonly string[]): Promise<void>
  /** Both toy tests have succeeded, as the output tells. */
  bothToyTests(out: string): void
  /** Deploys both; the second belongs to the login dev, which may use Docker and nothing else. */
  deployed(top?: string, argv?: readonly string[]): Promise<void>
  /** `service id start-time` by service, of a host's containers. */
  containers(host: number): Promise<Map<string, string>>
}

/** What a parties file has besides both parties, as it stands there. */
export interface MoreOfParties {
  /** Lines before the parties. */
  readonly top?: string
  /** What the first and the second have besides id and address. */
  readonly first?: string
  readonly second?: string
  /** Parties beside the two, a line each. */
  readonly others?: string
}

/** Services whose container is another one, or was started again. */
export function restarted(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  return [...after]
    .filter(([service, line]) => before.get(service) !== line)
    .map(([service]) => service)
    .sort()
}

/** Password of both databases, which no format takes without quoting. */
export const PASSWORD = `fate'"\\%dev`

const PARTIES = ['10000', '9999'] as const

/** Leaves the first two hosts of a lab without parties, whatever a failed test left there. */
export async function removeParties(lab: Lab): Promise<void> {
  const script =
    'set -e; docker ps -aq | xargs -r docker rm -fv; docker volume ls -q | xargs -r docker volume rm; docker network prune -f; ' +
    'rm -rf /data/projects/fate /data/fate'
  for (const host of [1, 2]) await shellOn(lab, host, script)
}

export function fateParties(lab: () => Lab, workplace: Workplace): FateParties {
  const argvOf: FateParties['argv'] = (playbook, more = []) => [
    `playbooks/${playbook}.yml`,
    '-i',
    workplace.path('inventory'),
    '-T',
    '60',
    '-e',
    `output_dir=${workplace.path('outputs')}`,
    ...more,
  ]
  const net = async (): Promise<string> => (await lab().hosts())[0]!.address.replace(/\d+$/, '')
  const play: FateParties['play'] = async (playbook, argv = [], calling) =>
    workplace.run(argvOf(playbook, argv), calling)
  const shell: FateParties['shell'] = (host, script) => shellOn(lab(), host, script)
  const inventory: FateParties['inventory'] = async ({
    top = '',
    first = '',
    second = '',
    others = '',
  } = {}) => {
    const start = await net()
    workplace.write(
      'inventory/parties.yml',
      `plugin: fate_parties\nssh_user: root\ncompute_core: 8\nmysql_password: ${PASSWORD}\n${top}parties:\n` +
        `  - {id: 10000, address: ${start}1${first}}\n  - {id: 9999, address: ${start}2${second}}\n${others}`,
    )
  }
  return {
    net,
    inventory,
    argv: argvOf,
    play,
    async foretold(playbook, argv = [], calling) {
      const checked = await play(playbook, [...argv, '--check', '--diff'], calling)
      const ran = await play(playbook, argv, calling)
      expect(checked.code, checked.out + checked.err).to.equal(0)
      expect(ran.code, ran.out + ran.err).to.equal(0)
      expect(changes(checked.recap), `foretold:\n${checked.out}\nwas:\n${ran.out}`).to.deep.equal(
        changes(ran.recap),
      )
      return ran
    },
    shell,
    sql: async (host, statement) =>
      shell(
        host,
        `docker exec confs-${PARTIES[host - 1]}-mysql-1 mysql --defaults-extra-file=/etc/mysql/fate-client.cnf -N -e "${statement}" fate_flow`,
      ),
    async purge(...ids) {
      const hosts = ids.map((id) => `party-${id}`).join()
      const { code, out } = await play('delete', [
        '-e',
        'purge=true',
        '-e',
        `confirm=${ids.join()}`,
        '-l',
        hosts,
      ])
      expect(code, out).to.equal(0)
    },
    bothToyTests(out) {
      for (const [guest, host] of [PARTIES, [...PARTIES].reverse()])
        expect(out).to.match(new RegExp(`guest ${guest}, host ${host}: toy test job \\d+ is success`))
    },
    async deployed(top, argv = ['--skip-tags', 'verify']) {
      const home = '/data/projects/fate'
      await shell(2, `usermod -aG docker dev; mkdir -p ${home}; chown dev:docker ${home}`)
      await inventory({ top: top ?? '', second: ', ssh_user: dev' })
      const { code, out } = await play('deploy', argv)
      expect(code, out).to.equal(0)
    },
    async containers(host) {
      const format = '{{index .Config.Labels "com.docker.compose.service"}} {{.Id}} {{.State.StartedAt}}'
      const lines = await shell(host, `docker inspect --format '${format}' $(docker ps -aq)`)
      return new Map(lines.split('\n').map((line): [string, string] => [line.split(' ')[0]!, line]))
    },
  }
}
