import { expect } from 'chai'
import { setTimeout as delay } from 'node:timers/promises'
import type { Lab, Outcome } from '../../lab/lab.js'
import { handMadeParty, PASSWORD, type HandMadeParty } from './hand-made-party.js'

const LONGEST = 60_000 // milliseconds to wait for a state

/** A hand-made deployment on one host of the lab. */
export class Party {
  readonly folder: string
  private readonly bent = new Set<string>()

  constructor(
    private readonly lab: Lab,
    private readonly number: number,
    readonly settings: HandMadeParty,
  ) {
    this.folder = `/srv/confs-${settings.id}`
  }

  async deploy() {
    for (const [path, text] of Object.entries(handMadeParty(this.settings))) await this.write(path, text)
    await this.compose('up', '-d')
  }

  /** Puts back what a test has bent, and starts again what reads it. */
  async repair() {
    const readers: Record<string, string> = { osx: 'osx', fate_flow: 'fateflow', eggroll: 'clustermanager' }
    const bent = new Set([...this.bent].map((path) => readers[path.split('/')[0] ?? '']))
    this.bent.clear()
    await this.deploy()
    for (const service of bent) if (service !== undefined) await this.compose('restart', service)
    await this.healthy()
  }

  /** Writes a wrong file, which the next repair puts right. */
  async bend(path: string, text: string) {
    this.bent.add(path)
    await this.write(path, text)
  }

  async write(path: string, text: string) {
    const file = `${this.folder}/${path}`
    const written = await this.lab.run(
      this.number,
      ['sh', '-c', `mkdir -p "\${0%/*}" && cat >"$0"`, file],
      text,
    )
    expect(written.status, written.stderr).to.equal(0)
  }

  async startOsxWith(command: string) {
    const file = JSON.parse(handMadeParty(this.settings)['docker-compose.yml'] ?? '') as {
      services: Record<string, { command?: string[] }>
    }
    file.services['osx'] = { ...file.services['osx'], command: ['sh', '-c', command] }
    await this.bend('docker-compose.yml', JSON.stringify(file))
    await this.compose('up', '-d', 'osx')
  }

  async compose(...words: string[]) {
    const outcome = await this.shell(`cd ${this.folder} && docker compose ${words.join(' ')}`)
    expect(outcome.status, outcome.stderr).to.equal(0)
  }

  exec(service: string, ...command: string[]): Promise<Outcome> {
    return this.lab.run(this.number, ['docker', 'exec', `confs-${this.settings.id}-${service}-1`, ...command])
  }

  fateflow(...command: string[]) {
    return this.exec('fateflow', ...command)
  }

  toy(other: string, timeout = 15) {
    return this.fateflow(
      'flow',
      'test',
      'toy',
      '-gid',
      this.settings.id,
      '-hid',
      other,
      '-t',
      String(timeout),
    )
  }

  shell(script: string) {
    return this.lab.run(this.number, ['sh', '-c', script])
  }

  async sql(statement: string) {
    const client = ['mysql', '-h127.0.0.1', '-ufate', `-p${PASSWORD}`, '-N', 'fate_flow', '-e', statement]
    return (await this.exec('mysql', ...client)).stdout
  }

  /** Until FATE-Flow answers with code 0, both managers are healthy, and the broker listens. */
  healthy() {
    return this.until(async () => {
      const health = await this.fateflow('curl', '-sf', 'http://fateflow:9380/v2/server/fateflow')
      const nodes = await this.sql("select count(*) from server_node where status='HEALTHY'")
      const broker = await this.fateflow('bash', '-c', 'exec 3<>/dev/tcp/osx/9370')
      return health.stdout.includes('"code": 0') && nodes === '2\n' && broker.status === 0
    })
  }

  /** Until a service has said something in its log. */
  async logs(service: string, text: string) {
    const read = () => this.shell(`docker logs confs-${this.settings.id}-${service}-1 2>&1`)
    await this.until(
      async () => (await read()).stdout.includes(text),
      async () => (await read()).stdout,
    )
  }

  private async until(holds: () => Promise<boolean>, describe = async () => '') {
    for (const deadline = Date.now() + LONGEST; Date.now() < deadline; await delay(300)) {
      if (await holds()) return
    }
    throw new Error(`party ${this.settings.id} was waited for in vain: ${await describe()}`)
  }
}
