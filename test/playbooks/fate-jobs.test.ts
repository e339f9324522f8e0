import { expect } from 'chai'
import { changes } from '../support/foretell.js'
import { useLab } from '../support/lab.js'
import { fateParties } from '../support/fate-parties.js'
import { useWorkplace } from '../support/workplace.js'
import type { Ran } from '../support/workplace.js'

const HOME = '/data/projects/fate'

describe('data and jobs of FATE', function () {
  this.timeout(600_000)
  const lab = useLab(['debian:docker', 'debian-compose1:docker'])
  const workplace = useWorkplace(() => lab().environment)
  const { argv, play, foretold, deployed, shell, sql } = fateParties(lab, workplace)
  const job = (settings: object, ...more: string[]): string[] => [
    '-e',
    JSON.stringify({ job: settings }),
    ...more,
  ]
  const cores = async (free: number): Promise<string> =>
    sql(2, `update t_engine_registry set f_remaining_cores = ${free}`)

  before(async () => {
    await lab().loadImages()
    await deployed()
  })

  async function fails(run: Promise<Ran>, ...words: RegExp[]): Promise<void> {
    const { code, out } = await run
    expect(code, out).to.equal(2)
    for (const word of words) expect(out.replaceAll(/\s+/g, ' ')).to.match(word)
    expect(out).not.to.include('Traceback')
  }

  it('refuse a job whose tables nobody has uploaded, or whose guest is not ours', async () => {
    await fails(play('jobs/run'), /party 9999 has no table experiment, breast_hetero_guest: upload it first/)
    await fails(
      play('jobs/run', job({ guest: 7777 })),
      /the guest is a party of ours that this run reaches \(10000, 9999\)/,
    )
    expect(await sql(2, 'select count(*) from t_job')).to.equal('0')
  })

  it('upload the example of each party as foretold, and leave tables alone that are there', async () => {
    const { out } = await foretold('data/upload')
    expect(out).to.include('party 9999: experiment, breast_hetero_guest has 569 rows')
    expect(out).to.include('party 10000: experiment, breast_hetero_host has 569 rows')
    const again = await play('data/upload')
    expect([again.code, changes(again.recap)], again.out).to.deep.equal([0, []])
  })

  it('upload a file of this machine, leave nothing of it behind, and say what is wrong with one', async () => {
    workplace.write('客户 data.csv', 'key,y\na,1\nb,0\nc,1\n')
    const table = (meta: object, name: string, src = workplace.path('客户 data.csv')): string[] => [
      '-l',
      'party-9999',
      '-e',
      JSON.stringify({ tables: [{ src, name, namespace: 'own', meta }] }),
    ]
    const { out } = await foretold(
      'data/upload',
      table({ match_id_name: 'key', label_name: 'y' }, '客户 good'),
    )
    expect(out).to.include('own, 客户 good has 3 rows')
    const replaced = await play('data/upload', [
      ...table({ match_id_name: 'key' }, '客户 good'),
      '-e',
      'replace=true',
    ])
    expect(replaced.code, replaced.out).to.equal(0)
    await fails(
      play('data/upload', [...table({ match_id_name: 'none' }, '客户 good'), '-e', 'replace=true']),
      /the file has no column none/,
    )
    expect(await sql(2, "select f_count from t_table where f_namespace = 'own'")).to.equal('3')
    await fails(
      play('data/upload', table({ match_id_name: 'id' }, 'bad')),
      /客户 data\.csv could not be uploaded as own, bad: .*Job is failed.*the file has no column id/,
    )
    for (const flags of [[], ['--check']]) {
      const folder = table({ match_id_name: 'id' }, 'bad', workplace.path('.'))
      await fails(play('data/upload', [...folder, ...flags]), /is no file of this machine/)
    }
    await fails(
      play('data/upload', ['-e', '{"tables": [{"name": "x"}]}']),
      /a table needs name, namespace and meta/,
    )
    expect(
      await shell(
        2,
        `ls -A ${HOME} | grep upload; docker exec confs-9999-fateflow-1 ls /tmp | grep upload; true`,
      ),
    ).to.equal('')
  })

  it('train and predict, with a bar on the way, and report both jobs', async () => {
    const { out } = await foretold('jobs/run', job({ secureboost: { num_trees: 2 } }))
    expect(out)
      .to.match(/job \d+ train: success after \d+ s/)
      .and.match(/job \d+ predict: success after \d+ s/)
    expect(out).to.match(/metrics: .*auc/)
    const shown = await play('jobs/run', job({ predict: false }, '-vv'))
    expect(shown.code, shown.out).to.equal(0)
    expect(shown.out)
      .to.match(/[█░]{20} +\d+%  job \d+ train/)
      .and.not.to.include('predict: success')
    const trees = '.dag.tasks.hetero_secureboost_0.parameters'
    const parameters = await sql(
      2,
      `select json_extract(f_dag, '$${trees}') from t_job where f_dag like '%num_trees%' order by f_create_time limit 1`,
    )
    expect(JSON.parse(parameters)).to.include({ num_trees: 2, max_depth: 5 })
  })

  it('fail with the component that failed and its log at each party', async () => {
    // The table of the host has no label.
    const swapped = { guest_table: 'breast_hetero_host', host_table: 'breast_hetero_host' }
    await play('data/upload', [
      '-l',
      'party-9999',
      '-e',
      JSON.stringify({
        tables: [
          {
            file: `${HOME}/examples/data/breast_hetero_host.csv`,
            name: 'breast_hetero_host',
            namespace: 'experiment',
            meta: { match_id_name: 'id' },
          },
        ],
      }),
    ])
    await fails(
      play('jobs/run', job(swapped)),
      /job \d+ train failed in hetero_secureboost_0 of guest 9999: ValueError: Job is failed/,
      /party 9999: hetero_secureboost_0 of guest 9999: failed .* TaskFailed: the table of the guest has no label/,
      // In what the host was meanwhile is a matter of its speed.
      /party 10000: \w+ of host 10000: (canceled|running)/,
    )
    workplace.write(
      'own.py',
      'import fate_client.pipeline\nprint("own words")\nraise SystemExit("own end")\n',
    )
    await fails(
      play('jobs/run', ['-e', `job_script=${workplace.path('own.py')}`]),
      /Say why the job failed: own end/,
    )
  })

  it('stop a job that waits too long for cores or takes too long, and see that FATE-Flow gave one up', async () => {
    await cores(0)
    await fails(
      play('jobs/run', job({ wait_limit: 2 })),
      /job \d+ train canceled: job \d+ has waited \d+ s for cores: .* and was stopped/,
    )
    await fails(
      play('jobs/run', job({ time_limit: 2 })),
      /job \d+ train canceled: job \d+ did not end within 2 s \(time_limit\), and was stopped/,
    )
    expect(await sql(2, "select count(*) from t_job where f_status in ('waiting', 'running')")).to.equal('0')
    const run = workplace.start(argv('jobs/run', ['-vv']))
    await run.until(/job \d+ train waits for cores/)
    await sql(2, "update t_job set f_status = 'timeout' where f_status = 'waiting'")
    await fails(run.end, /job \d+ train timeout: job \d+ ended with timeout/)
    await cores(8)
  })
})
