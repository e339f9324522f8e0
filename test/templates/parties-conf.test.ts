import { expect } from 'chai'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadInventory } from '../../engine/inventory/load.js'
import { toPlain } from '../../engine/language/value.js'
import type { Value } from '../../engine/language/value.js'
import { parseYaml } from '../../engine/language/yaml.js'
import { javaValue, renderTemplate, worked } from '../support/fate-templates.js'

/** What a deployment says, as `file: key` and its value. */
type Said = ReadonlyMap<string, string>

/** KubeFATE's document's parties.conf, with other values for some keys. */
function conf(other: Readonly<Record<string, string>> = {}): string {
  const keys = {
    user: 'fate',
    dir: '/data/projects/fate',
    party_list: '(10000 9999)',
    party_ip_list: '(192.168.7.1 192.168.7.2)',
    serving_ip_list: '(192.168.7.1 192.168.7.2)',
    computing: 'Eggroll',
    federation: 'OSX',
    storage: 'Eggroll',
    algorithm: 'Basic',
    device: 'CPU',
    compute_core: '16',
    gpu_count: '0',
    mysql_ip: 'mysql',
    mysql_user: 'fate',
    mysql_password: 'fate_dev',
    mysql_db: 'fate_flow',
    serverTimezone: 'UTC',
    name_node: 'hdfs://namenode:9000',
    fateboard_username: 'admin',
    fateboard_password: 'admin',
    ...other,
  }
  return Object.entries(keys)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('')
}

/** Files that playbooks/tasks/render.yml makes of a host, with the services they are for. */
interface Rendered {
  readonly needs: string
  readonly src: string
  readonly dest: string
}
const render = toPlain(parseYaml(readFileSync('playbooks/tasks/render.yml', 'utf8'), 'r').value) as [
  { vars: { all_files: Rendered[] } },
]
const FILES: readonly Rendered[] = [
  ...render[0].vars.all_files,
  { needs: '', src: 'docker-compose.yml.hbs', dest: 'docker-compose.yml' },
]

/** Leaves of parsed data by their path; a list of plain values is one leaf. */
function leaves(value: unknown, path: string): [string, string][] {
  const isPlain = typeof value !== 'object' || value === null
  if (isPlain || (Array.isArray(value) && value.every((one) => typeof one !== 'object')))
    return [[path, JSON.stringify(value)]]
  return Object.entries(value).flatMap(([key, one]) => leaves(one, path === '' ? key : `${path}.${key}`))
}

function parsed(name: string, text: string): [string, string][] {
  if (/\.ya?ml$/.test(name)) return leaves(toPlain(parseYaml(text, name).value), '')
  if (name.endsWith('.json')) return leaves(JSON.parse(text), '')
  const lines = text.split('\n').filter((line) => line !== '' && !/^(?:#|--|%%|\[)/.test(line))
  if (!name.endsWith('.properties')) return lines.map((line): [string, string] => [line, ''])
  return lines.map((line) => {
    const at = line.indexOf('=')
    return [line.slice(0, at), javaValue(line.slice(at + 1))]
  })
}

/** What a host is told with the document's parties.conf, then what differs with other values, by its title. */
const EXPECTED: ReadonlyMap<string, string[]> = new Map(
  readFileSync(join(import.meta.dirname, 'parties-conf.txt'), 'utf8')
    .split(/^== /m)
    .slice(1)
    .map((section): [string, string[]] => {
      const [title = '', ...lines] = section.split('\n')
      return [title, lines.filter((line) => line !== '')]
    }),
)

function chosen(all: Said, which: RegExp): string[] {
  return [...all].filter(([key]) => which.test(key)).map(([key, value]) => line(key, value))
}

/** What is no longer said (-) and what is said instead (+). */
function differences(before: Said, after: Said): string[] {
  const lines = (all: Said): string[] => [...all].map(([key, value]) => line(key, value))
  const [old, fresh] = [lines(before), lines(after)]
  return [
    ...old.filter((one) => !fresh.includes(one)).map((one) => `- ${one}`),
    ...fresh.filter((one) => !old.includes(one)).map((one) => `+ ${one}`),
  ]
}

const line = (key: string, value: string): string => (value === '' ? key : `${key} = ${value}`)

describe('a parties.conf', () => {
  let folder: string
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'fplay-conf-'))))
  afterEach(() => rmSync(folder, { recursive: true }))

  /** All files of a host, and how it is logged in to. */
  async function said(host: string, text: string, env = ''): Promise<Said> {
    writeFileSync(join(folder, 'parties.conf'), text)
    writeFileSync(join(folder, '.env'), env)
    const { inventory } = await loadInventory([join(folder, 'parties.conf')])
    const own = inventory.hosts.get(host)?.vars
    if (!own) return new Map()
    const vars = new Map([...inventory.groups.get('fate')!.vars, ...own, ...worked] as [string, Value][])
    const services = toPlain(vars.get('services')!) as string[]
    const files = FILES.filter(({ needs }) => ['', ...services].includes(needs))
    const login = ['ansible_user', 'ansible_host', 'ansible_port'].map((name): [string, string] => [
      name,
      String(vars.get(name)),
    ])
    return new Map([
      ...login,
      ...files.flatMap(({ src, dest }) =>
        parsed(dest, renderTemplate(`templates/${src}`, vars)).map(([key, value]): [string, string] => [
          `${dest}: ${key}`,
          value,
        ]),
      ),
    ])
  }

  it('of the document gives every service what it reads, and mounts it where that service looks', async () => {
    const all = await said('party-10000', conf())
    expect(all).to.have.property('size').greaterThan(200)
    const read =
      /^(?:osx|fate_flow|fate_board|eggroll\/conf\/eggroll|mysql\/(?:client|init\/10))|^docker.*(?:image|ports|volumes)$/
    expect(chosen(all, read)).to.deep.equal(EXPECTED.get('party-10000'))
    const serving = await said('serving-10000', conf({ serving_ip_list: '(192.168.7.5 192.168.7.6)' }))
    expect(chosen(serving, /^ansible|^serving|^docker.*(?:image|ports|volumes)$/)).to.deep.equal(
      EXPECTED.get('serving-10000'),
    )
    expect(await said('serving-10000', conf({ serving_ip_list: '()' }))).to.have.property('size', 0)
  })

  for (const [title, expected] of [...EXPECTED].slice(2)) {
    it(`with ${title} says nothing else otherwise`, async () => {
      const isEnv = /^(?:RegistryURI|SSH_PORT|\w+_IMAGE)/.test(title)
      const other = isEnv ? {} : Object.fromEntries(title.split(' and ').map((one) => one.split('=')))
      const host = title.startsWith('serving_admin') ? 'serving-10000' : 'party-10000'
      const found = differences(await said(host, conf()), await said(host, conf(other), isEnv ? title : ''))
      expect(found).to.deep.equal(expected)
    })
  }
})
