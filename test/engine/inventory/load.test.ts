import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import { FplayError } from '../../../engine/errors.js'
import type { Inventory } from '../../../engine/inventory/hosts.js'
import { loadInventory } from '../../../engine/inventory/load.js'
import type { LoadOptions } from '../../../engine/inventory/load.js'
import { groupNamesOf, membersOf } from '../../../engine/inventory/relations.js'
import { placeOf } from '../../../engine/language/place.js'
import { createVault } from '../../../engine/language/vault.js'
import { sealEnvelope } from '../../../engine/language/vault-format.js'
import { createSecrets } from '../../../engine/secrets.js'

/** Writes files into a new folder and loads `source` from it; paths in errors are relative to it. */
async function load(
  files: Readonly<Record<string, string>>,
  source: string = Object.keys(files)[0]!,
  options: LoadOptions = {},
): Promise<Inventory> {
  const folder = mkdtempSync(join(tmpdir(), 'fplay-inventory-'))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
    if (/^(#!|\0)/.test(text)) chmodSync(join(folder, name), 0o755)
  }
  const sources = source.split(' ').map((name) => (name.includes(',') ? name : join(folder, name)))
  try {
    return (await loadInventory(sources, options)).inventory
  } catch (error) {
    if (error instanceof FplayError)
      throw new Error(error.message.replaceAll(`${folder}/`, ''), { cause: error })
    throw error
  }
}

async function refusal(...args: Parameters<typeof load>): Promise<string> {
  try {
    await load(...args)
  } catch (error) {
    if ((error as Error).cause instanceof FplayError) return (error as Error).message
    throw error
  }
  throw new Error('nothing was refused')
}

const names = (inventory: Inventory): string[] => [...inventory.hosts.keys()]

describe('inventory sources', () => {
  it('are files, in order, into one inventory', async () => {
    const inventory = await load(
      { one: '[web]\na x=1\nb', 'two.yml': 'web: {hosts: {b: , c: {x: 3}}}' },
      'one two.yml',
    )
    expect(membersOf(inventory, 'web')).to.deep.equal(['a', 'b', 'c'])
    expect(inventory.hosts.get('c')!.vars.get('x')).to.equal(3)
  })

  it('are lists of hosts', async () => {
    const inventory = await load({}, 'a,b:2222,::1,')
    expect(names(inventory)).to.deep.equal(['a', 'b', '::1'])
    expect(inventory.hosts.get('b')!.vars.get('ansible_port')).to.equal(2222)
    expect(groupNamesOf(inventory, inventory.hosts.get('a')!)).to.deep.equal(['ungrouped'])
  })

  it('are directories, without what Ansible passes over', async () => {
    const inventory = await load(
      {
        'inv/b.yml': 'all: {hosts: {b: }}',
        'inv/a': 'a',
        'inv/sub/c.yaml': 'all: {hosts: {c: }}',
        'inv/x.cfg': 'x',
        'inv/y.md': 'x',
        'inv/z~': 'x',
        'inv/.h': 'x',
        'inv/group_vars/all.yml': 'a: 1',
        'inv/host_vars/a': 'a: 1',
      },
      'inv',
    )
    expect(names(inventory)).to.deep.equal(['a', 'b', 'c'])
    expect(inventory.folders).to.have.length(1)
    expect(inventory.hosts.get('c')!.vars.get('inventory_file')).to.match(/\/inv\/sub\/c\.yaml$/)
  })

  it('are scripts that answer --host too', async () => {
    const script =
      '#!/bin/sh\nif [ "$1" = --list ]; then echo \'{"g": {"hosts": ["a", "b"], "children": ["k"]}}\'\n' +
      'elif [ "$2" = a ]; then echo \'{"v": 1}\'; fi\n'
    const inventory = await load({ script })
    expect(inventory.hosts.get('a')!.vars.get('v')).to.equal(1)
    expect(names(inventory)).to.deep.equal(['a', 'b'])
    expect([...inventory.groups.get('g')!.children]).to.deep.equal(['k'])
  })

  it('are encrypted files', async () => {
    const vault = createVault([{ id: 'default', password: 'pw' }], createSecrets())
    const text = sealEnvelope(Buffer.from('[web]\na\n'), 'pw')
    expect(names(await load({ hosts: text }, 'hosts', { vault }))).to.deep.equal(['a'])
    expect(await refusal({ hosts: text })).to.match(/^hosts:1:1: .*\(vault-password\)$/)
  })

  it('are files of a plugin', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fplay-plugins-'))
    writeFileSync(
      join(folder, 'twins.js'),
      `export default { summary: 'two hosts', options: { name: 'their name' }, examples: '', read(file, builder) {
        builder.addGroup('twins')
        for (const n of [1, 2]) builder.setVar(builder.addHost(file.get('name') + n, 'twins'), 'n', n)
      } }`,
    )
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
    writeFileSync(join(folder, 'empty.js'), 'export default 5')
    const options = { pluginsFolder: `${folder}/` }
    const inventory = await load({ 'p.yml': 'plugin: my.own.twins\nname: t' }, 'p.yml', options)
    expect(membersOf(inventory, 'twins')).to.deep.equal(['t1', 't2'])
    expect(inventory.hosts.get('t2')!.vars.get('n')).to.equal(2)
    expect(await refusal({ 'p.yml': 'plugin: twin' }, 'p.yml', options)).to.equal(
      'p.yml:1:9: there is no inventory plugin "twin"; did you mean "twins"? (bad-inventory)',
    )
    expect(await refusal({ 'p.yml': 'plugin: empty' }, 'p.yml', options)).to.match(
      /empty\.js is no inventory plugin/,
    )
  })

  it('may be empty', async () => {
    expect(names(await load({ 'a.yml': '', b: '\n# nothing\n' }, 'a.yml b'))).to.deep.equal([])
  })

  it('without an ending may be YAML or INI', async () => {
    expect(names(await load({ hosts: '---\nall:\n  hosts:\n    a:\n' }))).to.deep.equal(['a'])
    expect(names(await load({ hosts: '{"all": {"hosts": {"a": null}}}' }))).to.deep.equal(['a'])
    expect(names(await load({ hosts: '[all]\na\n' }))).to.deep.equal(['a'])
  })

  it('make a host of two groups no member of ungrouped', async () => {
    const inventory = await load({ hosts: 'a\nb\n[web]\na\n' })
    expect(membersOf(inventory, 'ungrouped')).to.deep.equal(['b'])
    expect(groupNamesOf(inventory, inventory.hosts.get('a')!)).to.deep.equal(['web'])
  })

  it('know the places of variables', async () => {
    const inventory = await load({ hosts: '[web]\n  a x=1 y=2\n[web:vars]\nz = 3\n' })
    const column = (vars: object, name: string): number[] => [
      placeOf(vars, name)!.line,
      placeOf(vars, name)!.column,
    ]
    expect(column(inventory.hosts.get('a')!.vars, 'y')).to.deep.equal([2, 11])
    expect(column(inventory.groups.get('web')!.vars, 'z')).to.deep.equal([4, 5])
  })

  describe('are refused', () => {
    const ini: readonly (readonly [string, string, RegExp])[] = [
      ['an unknown kind of section', 'a\n[web:var]\n', /^hosts:2:1: .*\[web:var\].*did you mean "vars"\?/],
      [
        'a section with blanks',
        '[web servers]\n',
        /^hosts:1:1: \[web servers\] is no section; .*without blanks/,
      ],
      [
        'an undeclared child',
        '[web]\na\n[all:children]\nwep\n',
        /^hosts:4:1: there is no group "wep" to be a child; did you mean "web"\?/,
      ],
      [
        'variables of no group',
        '[wep:vars]\na=1\n[web]\nb\n',
        /^hosts:1:1: \[wep:vars\] belongs to no group; did you mean "web"\?/,
      ],
      [
        'a word behind a host',
        '[web]\na b x=1\n',
        /^hosts:2:3: "b" follows the host.*one host stands in each line/,
      ],
      ['an open quote', 'a x="b\n', /^hosts:1:1: .*the quote " in column 5 is not closed/],
      [
        'a variable without a value',
        '[web]\n[web:vars]\nx\n',
        /^hosts:3:1: "x" is no variable; .*name=value/,
      ],
      [
        'a bad range',
        'a[1-3]\n',
        /^hosts:1:1: .*\[1-3\] has no begin and end; allowed: ranges like \[1:20\]/,
      ],
      ['a range of two kinds', 'a[1:c]\n', /runs neither over numbers nor over letters/],
      ['a range that runs backwards', 'a[3:1]\n', /begins behind its end/],
      ['a range of two lengths', 'a[01:100]\n', /different lengths/],
      [
        'a group below itself',
        '[a:children]\nb\n[b:children]\na\n',
        /^hosts:4:1: .*"a" cannot be a child of "b"/,
      ],
      [
        'a priority that is no number',
        '[a]\n[a:vars]\nansible_group_priority=high\n',
        /^hosts:3:24: .*is "high"; allowed: a whole number/,
      ],
    ]
    for (const [what, text, message] of ini) {
      it(`INI: ${what}`, async () => expect(await refusal({ hosts: text })).to.match(message))
    }
    const yaml: readonly (readonly [string, string, RegExp])[] = [
      [
        'a mistyped section',
        'web:\n  host:\n    a:\n',
        /^h\.yml:2:3: the group "web" has no section "host"; did you mean "hosts"\?/,
      ],
      [
        'hosts as a list',
        'web:\n  hosts:\n    - a\n',
        /^h\.yml:3:5: "hosts" of the group "web" must be a dictionary, and is a list; write each name as a key/,
      ],
      ['a group that is text', 'web: a\n', /^h\.yml:1:6: the group "web" must have hosts/],
      ['a list', '- a\n', /^h\.yml:1:1: a YAML inventory is a dictionary of groups, and this is a list/],
      [
        'a number as a host',
        'all:\n  hosts:\n    10000:\n',
        /^h\.yml:3:5: .*must be text, and this is 10000; quote it: "10000"/,
      ],
      ['a number as a group', '10000:\n  hosts: a\n', /^h\.yml:1:1: .*quote it: "10000"/],
      ['a host that is text', 'all: {hosts: {a: b}}\n', /^h\.yml:1:18: the host "a" must have a dictionary/],
      [
        'a group below itself',
        'a: {children: {b: {children: {a: }}}}\n',
        /^h\.yml:1:16: the group "b" cannot be a child of "a"/,
      ],
      ['no YAML', 'all:\n\thosts:\n', /^h\.yml:2:1: a tab/],
      ['an unknown plugin', 'plugin: nope\n', /^h\.yml:1:9: there is no inventory plugin "nope"/],
    ]
    for (const [what, text, message] of yaml) {
      it(`YAML: ${what}`, async () => expect(await refusal({ 'h.yml': text })).to.match(message))
    }
    const other: readonly (readonly [string, Readonly<Record<string, string>>, string, RegExp])[] = [
      ['a missing file', {}, 'nope', /there is no inventory .*\(file-not-found\)$/],
      ['TOML', { 'a.toml': '' }, 'a.toml', /a\.toml is TOML, which is not read; write it as YAML or INI/],
      [
        'neither YAML nor INI, with both reasons',
        { hosts: 'web: [a\nb c\n' },
        'hosts',
        /^hosts:1:6: read as YAML, .*\(yaml-syntax\)\nhosts:1:1: read as INI, .*\(bad-inventory\)$/,
      ],
      ['a script that fails', { s: '#!/bin/sh\necho broken >&2; exit 3\n' }, 's', /--list failed: broken/],
      [
        'a script that prints no JSON',
        { s: '#!/bin/sh\necho hello\n' },
        's',
        /--list printed what is no JSON/,
      ],
      ['a script that prints a list', { s: '#!/bin/sh\necho [1]\n' }, 's', /JSON that is no dictionary/],
      [
        'a script with hosts as text',
        { s: '#!/bin/sh\necho \'{"g": "a"}\'\n' },
        's',
        /hosts of the group "g" are no list/,
      ],
    ]
    for (const [what, files, source, message] of other) {
      it(what, async () => expect(await refusal(files, source)).to.match(message))
    }
  })
})
