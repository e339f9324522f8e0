import { expect } from 'chai'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fplay } from '../support/caller.js'
import { useWorkplace } from '../support/workplace.js'

const PAGES = [
  'README.md',
  'README.zh.md',
  'docs/fate.md',
  ...readdirSync('docs/playbooks').map((page) => join('docs/playbooks', page)),
]
/** Hosts of every kind that the pages name. */
const INVENTORY = `plugin: fate_parties
exchange: 192.168.7.9
parties:
  - {id: 10000, address: 192.168.7.1, serving_address: 192.168.7.1}
  - {id: 9999, address: 192.168.7.2}
`
const CONF = 'user=fate\nparty_list=(10000 9999)\nparty_ip_list=(192.168.7.1 192.168.7.2)\n'

/** Runs of playbooks that the pages tell, each once: blocks of code, and commands between backticks. */
function commands(): string[] {
  const texts = PAGES.map((page) => readFileSync(page, 'utf8'))
  const inBlocks = texts.flatMap((text) =>
    text.split('\n').map((line) => line.trim().split(/ {4,}|\s+#/)[0]!),
  )
  const inBackticks = texts.flatMap((text) => [...text.matchAll(/`(fplay [^`]*)`/g)].map(([, one]) => one!))
  return [...new Set([...inBlocks, ...inBackticks])].filter((one) => /^fplay playbooks\//.test(one)).sort()
}

/** Words of a command, as a shell takes them apart. */
function words(command: string): string[] {
  const parts = command.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)
  return [...parts].map(([word]) =>
    word.replace(/'([^']*)'|"([^"]*)"/g, (_, a?: string, b?: string) => a ?? b!),
  )
}

/** All that playbooks and the plugin of parties files say, where a variable of a command has to occur. */
const sources = ['playbooks', 'plugins/fate', 'templates']
  .flatMap((folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8')),
  )
  .join('\n')

describe('commands of the pages', function () {
  this.timeout(60_000)
  const workplace = useWorkplace()
  const found = commands().filter((one) => !one.includes(' …'))

  before(() => {
    workplace.write('inventory/parties.yml', INVENTORY)
    workplace.write('parties.conf', CONF)
  })

  it('are there', () => expect(found.length).to.be.greaterThan(50))

  it('are understood as they are written, with hosts to work on', async () => {
    // Those that differ in variables only are called once, with all of these.
    const calls = new Map<string, string[]>()
    for (const command of found) {
      const [, ...argv] = words(command.replace('<id>', '10000').replace('<time>', 'x'))
      const isOfVar = (word: string, i: number): boolean => word === '-e' || argv[i - 1] === '-e'
      // Passwords are asked for at a terminal only.
      const rest = argv.filter((word, i) => !isOfVar(word, i) && word !== '-k' && word !== '-K')
      const here = rest.map((word) =>
        /^(?:inventory|parties\.conf)$/.test(word) ? workplace.path(word) : word,
      )
      const key = here.join(' ')
      calls.set(key, [...(calls.get(key) ?? here), ...argv.filter(isOfVar)])
    }
    for (const argv of calls.values()) {
      const { code, err } = await fplay([...argv, '--list-hosts'])
      expect(code, `${argv.join(' ')}\n${err}`).to.equal(0)
    }
  })

  it('give variables that something reads', () => {
    const unread = found.filter((command) => {
      const all = words(command)
      const given = all
        .filter((_, i) => all[i - 1] === '-e')
        .flatMap((word) =>
          word.startsWith('{') ? Object.keys(JSON.parse(word) as object) : word.match(/(?<=^|\s)\w+(?==)/g)!,
        )
      return given.some((name) => !name.startsWith('ansible_') && !new RegExp(`\\b${name}\\b`).test(sources))
    })
    expect(unread).to.deep.equal([])
  })
})
