import { expect } from 'chai'
import { setTimeout as sleep } from 'node:timers/promises'
import { changes } from '../support/foretell.js'
import { shellOn, useLab } from '../support/lab.js'
import { useWorkplace } from '../support/workplace.js'
import type { Ran } from '../support/workplace.js'

/** Ways in which a run is cut off. */
const WAYS = ['controller killed', 'sshd killed', 'host gone'] as const
type Way = (typeof WAYS)[number]

/** Every task once takes most of an hour; without it the three that hurt most. */
const EVERY_TASK = process.env['FPLAY_TEST'] === 'full'
const SAMPLE: readonly (readonly [string, Way])[] = [
  ['Unpack confs-<party>.tar, the files with passwords', 'sshd killed'],
  ['Start the services and wait until they are healthy', 'controller killed'],
  ['Start the services and wait until they are healthy', 'host gone'],
]

describe('a deploy that is cut off', function () {
  this.timeout(EVERY_TASK ? 7_200_000 : 600_000)
  const lab = useLab(['debian:docker', 'debian-compose1:docker'])
  const workplace = useWorkplace(() => lab().environment)
  let leftBefore: string
  let heap = 256

  before(async () => {
    await lab().loadImages()
    leftBefore = await leftOvers()
  })

  function argv(playbook: string, ...more: string[]): string[] {
    const folder = workplace.path('inventory')
    return [
      `playbooks/${playbook}.yml`,
      '-i',
      folder,
      '-e',
      `output_dir=${workplace.path('outputs')}`,
      ...more,
    ]
  }

  /** Each time with other settings, so that there is something to install and services to make anew. */
  async function inventory(): Promise<void> {
    const [host] = await lab().hosts()
    heap++
    workplace.write(
      'inventory/parties.yml',
      `plugin: fate_parties\nssh_user: root\ncompute_core: 8\nosx_heap_mb: ${heap}\nfateboard_heap_mb: ${heap}\n` +
        `parties: [{id: 10000, address: ${host!.address}}]\n`,
    )
  }

  const shell = (script: string): Promise<string> => shellOn(lab(), 1, script)

  const deploy = async (): Promise<Ran> => workplace.run(argv('deploy'))

  /** Cuts off a deploy when it is at a task, once `ready` has come true. */
  async function cutOff(
    task: string,
    way: Way,
    ready: () => Promise<boolean> = async () => true,
  ): Promise<void> {
    const run = workplace.start(argv('deploy', '-T', '5'))
    await run.until(new RegExp(`TASK \\[${task.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}\\]`))
    while (!(await ready())) {
      expect(run.child.exitCode, run.text()).to.equal(null)
      await sleep(20)
    }
    if (way === 'controller killed') run.child.kill('SIGKILL')
    if (way === 'sshd killed') await lab().run(1, ['pkill', '-9', '-f', 'sshd: root@'])
    if (way === 'host gone') {
      await lab().powerOff(1)
      run.child.kill('SIGKILL')
    }
    await run.end
    if (way === 'host gone') await lab().powerOn(1)
  }

  const MYSQL =
    'docker exec confs-10000-mysql-1 mysql --defaults-extra-file=/etc/mysql/fate-client.cnf -N fate_flow -e'
  const FLOW = 'docker exec confs-10000-fateflow-1 sh -c'
  const MODEL = '/data/projects/fate/fate_flow/model/kept'
  const LOG = '/data/projects/fate/fate_flow/logs/kept'

  async function plant(): Promise<void> {
    await shell(`${MYSQL} "create table kept (word varchar(9)); insert into kept values ('row')"`)
    await shell(`${FLOW} 'echo model >${MODEL}; echo volume >${LOG}'`)
  }

  /** The next run ends green and settles; nothing is lost, nothing left over. */
  async function recovers(): Promise<void> {
    const { code, out, err } = await deploy()
    expect(code, out + err).to.equal(0)
    expect(await leftOvers()).to.equal(leftBefore)
  }

  async function hasKept(): Promise<void> {
    expect(await shell(`${MYSQL} 'select word from kept'; ${FLOW} 'cat ${MODEL} ${LOG}'`)).to.equal(
      'row\nmodel\nvolume',
    )
  }

  /** Files that should be gone when a run has ended. */
  async function leftOvers(): Promise<string> {
    return shell(
      "find / /tmp /run -xdev ! -path '/run/*' ! -path '/proc/*' \\( -name '*fplay*' -o -name '*.partial' -o -name '.mysql-is-new' \\) 2>/dev/null | sort -u",
    )
  }

  it('by a power failure while MySQL is set up: the next one sets it up', async () => {
    await inventory()
    const isSettingUp = async (): Promise<boolean> =>
      (await lab().run(1, ['sh', '-c', 'docker logs confs-10000-mysql-1 2>&1'])).stdout.includes(
        'temporary server',
      )
    await cutOff('Start the services and wait until they are healthy', 'host gone', isSettingUp)
    expect(await shell('ls /data/projects/fate/confs-10000/shared_dir/data/mysql')).not.to.equal('')
    await recovers()
    const again = await deploy()
    expect([again.code, changes(again.recap)], again.out).to.deep.equal([0, []])
    await plant()
  })

  for (const [task, way] of EVERY_TASK ? [] : SAMPLE) {
    it(`${way} at "${task}": the next one completes it`, async () => {
      await inventory()
      await cutOff(task, way)
      await recovers()
      await hasKept()
    })
  }

  if (EVERY_TASK) {
    it('at every task once: the next one completes it', async () => {
      const { recap } = await deploy()
      const tasks = new Set(recap.tasks.filter(({ status }) => status !== 'skipped').map(({ task }) => task))
      expect(tasks.size).to.be.greaterThan(30)
      for (const [i, task] of [...tasks].entries()) {
        await inventory()
        await cutOff(task, WAYS[i % WAYS.length]!)
        await recovers()
        await hasKept()
      }
    })
  }
})
