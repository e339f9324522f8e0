import { expect } from 'chai'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createRegistry } from '../../engine/module/registry.js'
import { call, testController, testHost } from '../support/envelope.js'
import { pathWith } from '../support/pages.js'

/** What a task needs that its host lacks, and what is to be said of it: what is missing, and how it is got. */
interface Row {
  readonly params: Readonly<Record<string, unknown>>
  readonly lacks: string
  readonly cure: string
  /** True: a dry run does not ask. */
  readonly late?: boolean
}

const docker = (params: Row['params'] = {}): Row => ({
  params,
  lacks: 'docker',
  cure: 'install Docker Engine',
})
const http = (params: Row['params'] = {}): Row => ({
  params,
  lacks: 'nothing to make this request with',
  cure: 'install curl on it',
})

const ROWS: readonly (readonly [string, Row])[] = [
  ['apk', { params: { name: ['x'] }, lacks: 'no apk', cure: 'use the module package' }],
  ['apt', { params: { name: ['x'] }, lacks: 'no apt-get', cure: 'use the module package' }],
  ['authorized_key', http({ user: 'root', key: 'http://127.0.0.1:1/keys' })],
  ['cron', { params: { name: 'a', job: 'x' }, lacks: 'no crontab', cure: 'install cron' }],
  ['dnf', { params: { name: ['x'] }, lacks: 'no dnf', cure: 'use the module package' }],
  ['docker_compose_v2', docker({ project_src: '<folder>/project' })],
  ['docker_container', docker({ name: 'a', image: 'b' })],
  ['docker_container_exec', docker({ container: 'a', argv: ['b'] })],
  ['docker_container_info', docker({ name: 'a' })],
  ['docker_host_info', docker()],
  ['docker_image', docker({ name: 'a', source: 'pull' })],
  ['docker_image_export', docker({ names: ['a'], path: '<folder>/a' })],
  ['docker_login', docker({ username: 'a', password: 'b' })],
  ['docker_network', docker({ name: 'a' })],
  ['docker_prune', docker({ images: true })],
  ['docker_volume', docker({ name: 'a' })],
  ['get_url', http({ url: 'http://127.0.0.1:1/', dest: '<folder>/a' })],
  ['get_url', http({ url: 'https://127.0.0.1:1/', dest: '<folder>/a' })],
  ['getent', { params: { database: 'rpc', key: 'a' }, lacks: 'no getent', cure: 'install it' }],
  ['git', { params: { repo: '<folder>/r', dest: '<folder>/a' }, lacks: 'required executable "git"', cure: 'install it' }],
  ['package', { params: { name: ['x'] }, lacks: 'none of apt-get, dnf, yum and apk', cure: 'install the program some other way' }],
  ['package_facts', { params: { manager: ['auto'] }, lacks: 'none of these package managers: apt', cure: 'leave out package_facts' }],
  ['stat', { params: { path: '<folder>/project/compose.yml', checksum_algorithm: 'sha224' }, lacks: 'no sha224sum', cure: 'install coreutils' }],
  ['uri', http({ url: 'http://127.0.0.1:1/' })],
  ['uri', http({ url: 'http://127.0.0.1:1/', dest: '<folder>/a' })],
  ['uri', { ...http({ url: 'http://127.0.0.1:1/', method: 'POST', dest: '<folder>/a' }), late: true }],
  ['wait_for', { params: { port: 1, timeout: 1 }, lacks: 'nothing to connect with', cure: 'install bash, netcat' }],
  ['yum', { params: { name: ['x'] }, lacks: 'no dnf or yum', cure: 'use the module package' }],
] // prettier-ignore

/** Modules that are not tried here, and why. */
const OTHERS: Readonly<Record<string, readonly string[]>> = {
  'the shell, and what every system has beside it, will do': [
    'archive', 'assemble', 'async_status', 'blockinfile', 'command', 'copy', 'fetch', 'file', 'find', 'ini_file', 'known_hosts',
    'lineinfile', 'openssl_csr', 'openssl_privatekey', 'ping', 'raw', 'replace', 'script', 'setup', 'shell', 'slurp',
    'tempfile', 'template', 'unarchive', 'wait_for_connection', 'x509_certificate',
  ],
  'the controller does it': [
    'add_host', 'assert', 'debug', 'fail', 'group_by', 'pause', 'set_fact',
  ],
  'what it needs is looked for where no test can hide it (/usr/sbin, /run/systemd)': [
    'group', 'hostname', 'reboot', 'service', 'service_facts', 'sysctl', 'systemd', 'user',
  ],
  'the archive is read before docker is asked': ['docker_image_load'],
} // prettier-ignore

/** Folder of the programs of coreutils and the like, and nothing else. */
const LACKING = pathWith('none')

const registry = createRegistry()
await registry.load(registry.names)

describe('where a host lacks what a module needs', () => {
  it('each module is tried, or it is said why not', () => {
    const named = [...ROWS.map(([name]) => name), ...Object.values(OTHERS).flat()]
    expect([...new Set(named)].sort()).to.deep.equal([...registry.names].sort())
  })

  ROWS.forEach(([name, { params, lacks, cure, late = false }], i) => {
    it(`${name} (${i + 1}) says: ${lacks}, and what to do`, async () => {
      const host = testHost()
      mkdirSync(`${host.folder}/project`)
      writeFileSync(`${host.folder}/project/compose.yml`, 'services: {a: {image: b}}\n')
      const text = JSON.stringify(params).replaceAll('<folder>', host.folder)
      const filled = JSON.parse(text) as Row['params']
      const options = { controller: testController(), environment: { PATH: LACKING } }
      for (const checkMode of late ? [false] : [true, false]) {
        const fresh = { ...host, forecast: testHost().forecast }
        const got = await call(fresh, registry.get(name), filled, { ...options, checkMode })
        expect(got, got.message).to.include({ status: 'failed', changed: false })
        expect(got.message).to.contain(lacks).and.contain(`; ${cure}`)
        expect(got.message!.startsWith(`${String(got.values['msg'])}; `), name).to.equal(true)
      }
    })
  })
})
