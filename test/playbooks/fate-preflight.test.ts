import { expect } from 'chai'
import { readFileSync } from 'node:fs'
import { useLab } from '../support/lab.js'
import { useWorkplace } from '../support/workplace.js'

interface Finding {
  readonly level: string
  readonly check: string
  readonly found: string
  readonly cure: string
}

interface Report {
  readonly parties: readonly {
    readonly party: string
    readonly checks: readonly Finding[]
    readonly ways: readonly { readonly to: string; readonly door: string; readonly state: string }[]
  }[]
  readonly not_reached: readonly string[]
}

describe('the pre-flight of FATE', function () {
  this.timeout(300_000)
  const lab = useLab(['debian:docker', 'debian-compose1:docker'])
  const workplace = useWorkplace(() => lab().environment)
  let net: string

  before(async () => {
    await lab().loadImages()
    net = (await lab().hosts())[0]!.address.replace(/\d+$/, '')
  })

  const shell = async (host: number, script: string): Promise<void> => {
    const { stderr, status } = await lab().run(host, ['sh', '-ec', script])
    expect(status, `${script}: ${stderr}`).to.equal(0)
  }

  /** A program that is found before the true one of that name. */
  const disguise = async (host: number, name: string, script: string): Promise<void> =>
    shell(
      host,
      `cat >/usr/local/bin/${name} <<'EOF'\n#!/bin/sh\n${script}\nEOF\nchmod 755 /usr/local/bin/${name}`,
    )

  /** Breaks much of both hosts. */
  async function breakHosts(): Promise<void> {
    const docker = 'docker network create --subnet 172.29.0.0/16 clash'
    const squatter = `docker run -d --name squatter -p ${net}1:8080:8080 federatedai/fateflow:2.2.0-release sleep 999`
    await shell(1, `${docker}; ${squatter}; mv /etc/localtime /etc/localtime.away`)
    await shell(
      1,
      `iptables -I INPUT -p tcp --dport 9370 -s ${net}2 -j DROP; echo 0 >/proc/sys/net/ipv4/ip_forward`,
    )
    await disguise(1, 'date', '[ "$1" = +%s ] || exec /bin/date "$@"\necho $(($(/bin/date +%s) + 600))')
    await disguise(1, 'getenforce', 'echo Enforcing')
    await disguise(1, 'firewall-cmd', 'echo running')
    await disguise(2, 'docker', '[ "$1" = version ] || exec /usr/bin/docker "$@"\necho 18.09.9')
    await disguise(2, 'docker-compose', 'echo 1.24.0')
    await disguise(2, 'uname', '[ "$1" = -m ] || exec /bin/uname "$@"\necho aarch64')
    await shell(2, `ip route add 172.29.0.64/26 via ${net}1; mkdir -p /data/fate`)
    await shell(2, 'mount -t tmpfs -o size=1m tmpfs /data/fate')
  }

  /** Mends what `breakHosts` has broken, also when it came to half of it only. */
  async function mendHosts(): Promise<void> {
    await lab().run(1, [
      'sh',
      '-c',
      `docker rm -f squatter; docker network rm clash; mv /etc/localtime.away /etc/localtime
      iptables -D INPUT -p tcp --dport 9370 -s ${net}2 -j DROP; echo 1 >/proc/sys/net/ipv4/ip_forward
      cd /usr/local/bin; rm date getenforce firewall-cmd`,
    ])
    await lab().run(2, [
      'sh',
      '-c',
      'cd /usr/local/bin; rm docker docker-compose uname; ip route del 172.29.0.64/26; umount /data/fate',
    ])
  }

  /** Runs it on two parties, with more of each and of both. */
  async function preflight(
    first = '',
    second = '',
    both = '',
    more = '',
  ): Promise<{ code: number; out: string; report: Report }> {
    workplace.write(
      'parties.yml',
      `plugin: fate_parties\nssh_user: root\nuser: root\ndir: /data/fate\ncompute_core: 4\nosx_heap_mb: 256\n${both}parties:\n` +
        `  - {id: 10000, address: ${net}1${first}}\n  - {id: 9999, address: ${net}2${second}}\n${more}`,
    )
    const outputs = workplace.path('outputs')
    const argv = [
      'playbooks/preflight.yml',
      '-i',
      workplace.path('parties.yml'),
      '-e',
      `output_dir=${outputs}`,
    ]
    const { code, out, err } = await workplace.run(argv)
    const report = JSON.parse(readFileSync(`${outputs}/preflight.json`, 'utf8')) as Report
    return { code, out: out + err, report }
  }

  /** Every finding that is not ok, as `party check: what was found`; each has a cure. */
  function troubles({ parties }: Report, level: string): string[] {
    return parties.flatMap(({ party, checks }) =>
      checks
        .filter((one) => one.level === level)
        .map(({ check, found, cure }) => {
          expect(cure, check).not.to.equal('')
          return `${party} ${check}: ${found}`
        }),
    )
  }

  const STRONG = 'mysql_password: one-of-ours\nfateboard_password: another\n'

  it('lets two hosts pass that have all they need, and shows the ways between them', async () => {
    const { code, out, report } = await preflight('', '', STRONG)
    expect([code, troubles(report, 'fail')], out).to.deep.equal([0, []])
    expect(report.parties.map(({ party, ways }) => [party, ways[0]!.to, ways[0]!.state])).to.deep.equal([
      ['10000', '9999', 'refused'],
      ['9999', '10000', 'refused'],
    ])
    expect(out).to.match(/10000 +to 9999 +osx +\S+:9370 refused \(nothing listens yet\)/)
  })

  it('names what is wrong with the hosts, at which party, and the cure', async () => {
    const { code, out, report } = await breakHosts()
      .then(() =>
        preflight(
          ', compute_core: 4000, osx_heap_mb: 1000000, images: {mysql: "mysql:0.0.1"}',
          ', bind_address: 10.99.99.99',
          '',
          '  - {id: 8888, managed: false, peer_address: nowhere.invalid}\n',
        ),
      )
      .finally(mendHosts)
    expect(code, out).to.equal(2)
    const failures = troubles(report, 'fail').join('\n')
    for (const wanted of [
      /^10000 clock: (?:59|6\d)\d s beside the other hosts$/m,
      /^10000 clock file: no \/etc\/localtime/m,
      /^10000 forwarding: net\.ipv4\.ip_forward is 0/m,
      /^10000 Docker networks: 172\.29\.0\.0\/24 overlaps clash \(172\.29\.0\.0\/16\)$/m,
      /^10000 ports: taken: 8080 \(fateboard, by the container squatter\)$/m,
      /^10000 image: mysql:0\.0\.1: \S/m,
      /^10000 ways: nowhere\.invalid:9370 osx unresolved$/m,
      /^9999 processor: aarch64$/m,
      /^9999 Docker Engine: 18\.09\.9$/m,
      /^9999 Compose: 1\.24\.0$/m,
      /^9999 routes: 172\.29\.0\.0\/24 overlaps a route of the host: 172\.29\.0\.64\/26 \(\w+\)$/m,
      /^9999 disk of the data: 0 GB free at \/data\/fate, and 2 GB are needed$/m,
      /^9999 own address: 10\.99\.99\.99 is no address of this host$/m,
      new RegExp(`^9999 ways: ${net}1:9370 osx silent; nowhere\\.invalid:9370 osx unresolved$`, 'm'),
    ])
      expect(failures).to.match(wanted)
    const warnings = troubles(report, 'warn').join('\n')
    for (const wanted of [
      /^10000 cores: \d+, and compute_core is 4000$/m,
      /^10000 memory: \d+ MB, and the services may take \d+ MB$/m,
      /^10000 SELinux: Enforcing$/m,
      /^10000 firewalld: running$/m,
      /^9999 passwords: known to everybody: mysql_password, fateboard_password$/m,
    ])
      expect(warnings).to.match(wanted)
    expect(failures.split('\n')).to.have.length(14)
    expect(out).to.match(/^ *"?ports +FAIL +ok/m)
  })

  it('names what is missing outside, for GPUs, and for a login that may do little', async () => {
    const outside = `mysql_host: ${net}2\nmysql_port: 3399\ncomputing: Spark\nstorage: HDFS\nname_node: hdfs://${net}1:8020\n`
    const { code, report } = await preflight(
      ', algorithm: NN, device: GPU, gpu_count: 1',
      ', ssh_user: dev',
      `${STRONG}${outside}`,
    )
    expect(code).to.equal(2)
    const failures = troubles(report, 'fail').join('\n')
    for (const wanted of [
      new RegExp(`^10000 database outside: ${net}2:3399 is refused from this host$`, 'm'),
      new RegExp(`^10000 name node outside: ${net}1:8020 is refused from this host$`, 'm'),
      /^10000 GPU: Docker has no runtime nvidia$/m,
      /^9999 Docker Engine: .*permission denied/m,
      /^9999 folder: dev may not write to \/data\/fate$/m,
    ])
      expect(failures).to.match(wanted)
  })

  it('tells of the others when a host is gone, and passes again when all is mended', async () => {
    await lab().powerOff(2)
    const gone = await preflight('', ', ansible_ssh_timeout: 5', STRONG).finally(() => lab().powerOn(2))
    expect(gone.code, gone.out).to.equal(4)
    expect(gone.report.not_reached).to.deep.equal(['party-9999'])
    expect(troubles(gone.report, 'fail')).to.have.length(1)
    // Who shares a machine counts together.
    const third = `  - {id: 777, address: ${net}1, osx_heap_mb: 500000, compute_core: 8, subnet: 172.29.3.0/24, ports: {osx: 9371, fateflow_http: 9381, fateflow_grpc: 9361, fateboard: 8081}}\n`
    const byAnother = `  - {id: 778, address: ${net}201, ansible_host_key_checking: false, subnet: 172.29.4.0/24}\n`
    await shell(1, `ip addr add ${net}201/24 dev eth0`)
    const { code, out, report } = await preflight(
      ', osx_heap_mb: 600000, compute_core: 4000',
      '',
      STRONG,
      third + byAnother,
    ).finally(() => lab().run(1, ['ip', 'addr', 'del', `${net}201/24`, 'dev', 'eth0']))
    expect(code, out).to.equal(0)
    const warnings = troubles(report, 'warn').join('\n')
    for (const id of ['10000', '777'])
      expect(warnings)
        .to.match(
          new RegExp(`^${id} memory: \\d+ MB, .* take 2206656 MB for party-10000, party-777 together$`, 'm'),
        )
        .and.match(new RegExp(`^${id} cores: \\d+, and compute_core is 4008 for`, 'm'))
    expect(warnings).not.to.match(/^9999 (?:memory|machine)/m)
    for (const [id, others] of [
      ['777', `party-778 at ${net}201`],
      ['778', `party-10000 at ${net}1, party-777 at ${net}1`],
    ])
      expect(warnings).to.match(
        new RegExp(
          `^${id} machine: the same as that of ${others}: together .* 2210496 MB, .* 4012 cores$`,
          'm',
        ),
      )
  })
})
