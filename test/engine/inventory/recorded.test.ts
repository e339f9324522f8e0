import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { graphInventory, listAsYaml, listInventory } from '../../../engine/inventory/listing.js'
import { formatJson, formatYaml } from '../../../engine/inventory/listing-text.js'
import { loadInventory } from '../../../engine/inventory/load.js'
import { selectHosts } from '../../../engine/inventory/pattern.js'
import { createVarsFiles } from '../../../engine/inventory/vars-files.js'
import { parseYaml } from '../../../engine/language/yaml.js'
import type { Dict } from '../../../engine/language/value.js'

/** Beside `sources/` lies what ansible-inventory of ansible-core 2.14 printed for them. */
const FOLDER = fileURLToPath(new URL('recorded/', import.meta.url))
const files = createVarsFiles(undefined, () => undefined)

function recorded(name: string): unknown {
  return JSON.parse(readFileSync(`${FOLDER}${name}`, 'utf8'))
}

describe('inventories, compared with ansible-inventory', () => {
  const listings: readonly (readonly [string, string, string, boolean])[] = [
    ['an INI file', 'hosts', 'ini.json', false],
    ['a YAML file', 'y.yml', 'yml.json', false],
    ['a script', 'dyn.sh', 'dyn.json', false],
    ['a directory of all three', '', 'dir.json', false],
    ['an INI file, for export', 'hosts', 'export.json', true],
    ['constructed groups and variables', '../constructed', 'constructed.json', false],
  ]
  for (const [what, source, output, forExport] of listings) {
    it(`${what} lists the same`, async () => {
      const { inventory } = await loadInventory([`${FOLDER}sources/${source}`])
      const listing = listInventory(inventory, { files, export: forExport })
      expect(JSON.parse(formatJson(listing))).to.deep.equal(recorded(output))
    })
  }

  it('the YAML listing reads back as the same values', async () => {
    const { inventory } = await loadInventory([`${FOLDER}sources/y.yml`, `${FOLDER}sources/hosts`])
    const listing = listAsYaml(inventory, { files })
    const written = formatYaml(listing)
    expect(formatJson(parseYaml(written, 'listing').value)).to.equal(formatJson(listing))
    expect(written).to.include('unsafe: !unsafe')
    expect(written).to.include('from_db: 1000.0\n')
  })

  it('JSON keeps keys, numbers and secrets as ansible-inventory does', () => {
    const vault = '$ANSIBLE_VAULT;1.1;AES256\n00'
    const { value } = parseYaml(
      `{5: 1.0, b: [], a: {}, c: 12345678901234567890, d: [!unsafe x, .inf], e: !vault "${vault}"}`,
      'f.yml',
    )
    expect(formatJson(value).replace(/\n\s*/g, '')).to.equal(
      '{"5": 1.0,"a": {},"b": [],"c": 12345678901234567890,"d": [{"__ansible_unsafe": "x"},Infinity],' +
        '"e": {"__ansible_vault": "$ANSIBLE_VAULT;1.1;AES256 00"}}',
    )
    expect(formatYaml((value as Dict).get('e')!)).to.equal('!vault $ANSIBLE_VAULT;1.1;AES256 00\n')
  })

  it('the graph is the same', async () => {
    const { inventory } = await loadInventory([`${FOLDER}sources/hosts`])
    expect(graphInventory(inventory, inventory.groups.get('prod')!).split('\n')).to.deep.equal([
      '@prod:',
      '  |--@web:',
      '  |  |--web01.example.com',
      '  |  |--web03.example.com',
      '  |  |--web05.example.com',
      '  |  |--db1',
      '  |--@db:',
      '  |  |--db1',
      '  |  |--db2',
      '  |--@eu:',
      '  |  |--@east:',
      '  |  |  |--ea',
      '  |  |  |--eb',
      '  |  |  |--ec',
    ])
    const vars = graphInventory(inventory, inventory.groups.get('eu')!, { files })
    expect(vars).to.include(
      '\n  |  |--ea\n  |  |  |--{both = all_b}\n  |  |  |--{from_all_a = 1}\n  |  |  |--{from_all_b = {{ x }}}\n',
    )
  })

  describe('patterns select the same hosts in the same order', () => {
    const web = 'web01.example.com web03.example.com web05.example.com'
    // right-hand sides: ansible -i hosts PATTERN --list-hosts
    const cases: readonly (readonly [string, string])[] = [
      ['all', `lonely jump ${web} db1 db2 ea eb ec`],
      ['*', `lonely jump ${web} db1 db2 ea eb ec`],
      ['web', `${web} db1`],
      ['web:&db', 'db1'],
      ['prod:!db', `${web} ea eb ec`],
      ['web,db', `${web} db1 db2`],
      ['web[0]', 'web01.example.com'],
      ['web[0:1]', 'web01.example.com web03.example.com'],
      ['web[1:]', 'web03.example.com web05.example.com db1'],
      ['prod[-1]', 'ec'],
      ['~^e[ab]', 'ea eb ec'],
      ['e?', 'ea eb ec'],
      ['e[ab]', 'ea eb'],
      ['db*', 'db1 db2'],
      ['*.com', web],
      ['db1:web', `db1 ${web}`],
      ['!web', 'lonely jump db2 ea eb ec'],
      ['&db', 'db1 db2'],
      ['!db:web', web],
      ['nope:web', `${web} db1`],
      ['localhost', 'localhost'],
      ['d*:!~.*1', 'db2'],
      ['ungrouped', 'lonely jump'],
      ['nope', ''],
    ]
    for (const [pattern, hosts] of cases) {
      it(pattern, async () => {
        const { inventory } = await loadInventory([`${FOLDER}sources/hosts`])
        const selected = selectHosts(inventory, pattern).hosts.map(({ name }) => name)
        expect(selected.join(' ')).to.equal(hosts)
      })
    }
  })
})
