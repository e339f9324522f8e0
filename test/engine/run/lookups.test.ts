import { expect } from 'chai'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createVault } from '../../../engine/language/vault.js'
import { createSecrets } from '../../../engine/secrets.js'
import { outcomeOn, playText } from './playing.js'
import { values } from './looking-up.js'

describe('lookups', () => {
  it('rearrange lists', async () => {
    const cases: [string, unknown][] = [
      ["query('items', [1, [2, 3]])", [1, [2, 3]]],
      ["query('items', 1, [2, 3])", [1, 2, 3]],
      ["query('dict', {'x': 1})", [{ key: 'x', value: 1 }]],
      ["query('nested', [1, 2], ['a', 'b'])", [[1, 'a'], [1, 'b'], [2, 'a'], [2, 'b']]],
      ["query('together', [1, 2], ['a'])", [[1, 'a'], [2, null]]],
      ["query('indexed_items', ['a', 'b'])", [[0, 'a'], [1, 'b']]],
      ["query('flattened', [1, [2, [3]]])", [1, 2, 3]],
      ["query('subelements', [{'u': 'x', 'k': [1, 2]}], 'k')", [[{ u: 'x', k: [1, 2] }, 1], [{ u: 'x', k: [1, 2] }, 2]]],
      ["query('subelements', [{'u': 'x'}], 'k', {'skip_missing': True})", []],
      ["query('random_choice', 'only')", ['only']],
      ["query('random_choice', ['only'])", [['only']]],
      ["lookup('items', [])", []],
      ["query('sequence', 'start=1 end=5 stride=2 format=n%02d')", ['n01', 'n03', 'n05']],
      ["query('sequence', '4-6')", ['4', '5', '6']],
      ["query('sequence', 'count=3')", ['1', '2', '3']],
      ["query('sequence', start=3, end=1, stride=-1)", ['3', '2', '1']],
    ] // prettier-ignore
    expect(await values(cases.map(([expression]) => expression))).to.deep.equal(
      cases.map(([, value]) => value),
    )
  })

  it('render templates in other words, with more variables, and as the value that they write out', async () => {
    const files = {
      'templates/marks.j2': '[# no #][% one %] {{ one }}\n',
      'templates/vars.j2': '{{ one }}{{ two }}',
      'templates/dict.j2': '{"a": {{ one }}, "b": null}\n',
    }
    const got = await values(
      [
        "lookup('template', 'marks.j2', variable_start_string='[%', variable_end_string='%]', comment_start_string='[#', comment_end_string='#]')",
        "lookup('template', 'vars.j2', template_vars={'two': 2})",
        "lookup('template', 'dict.j2')",
        "lookup('template', 'dict.j2', convert_data=False)",
        "lookup('template', 'dict.j2', jinja2_native=True)",
        "lookup('template', 'dict.j2', covert_data=False)",
      ],
      { files },
    )
    expect(got.slice(0, 5)).to.deep.equal([
      '1 {{ one }}\n',
      '12',
      { a: 1, b: null },
      '{"a": 1, "b": null}\n',
      '{"a": 1, "b": null}\n',
    ])
    expect(got[5]).to.contain('it has no option "covert_data"; did you mean "convert_data"?')
  })

  it('read files of sections and tables as Ansible does', async () => {
    const files = {
      'files/x.ini':
        '# comment\n[DEFAULT]\nbase = /srv\n[one]\nPath = %(base)s/x\ntwo : 2 ; no comment\nlong = a\n   b\n\n   c\nempty =\npct = 50%%\n[two]\npath=other\n',
      'files/p.properties': 'user.name = Zoe\nuser.home=/h\n',
      'files/none.ini': '[m]\nalone\nx=1\n',
      'files/t.csv': 'Li,"a, b","say ""hi"""\r\nWang,c,d\n,e,\n',
      'files/ansible.csv': 'k\tv1\tv2',
      'files/bad.ini': 'x=1\n',
      'files/twice.ini': '[a]\nx=1\nX=2\n',
    }
    // what ansible-core 2.14 answers
    const cases: [string, unknown][] = [
      ["lookup('ini', 'path', file='x.ini', section='one')", '/srv/x'],
      ["lookup('ini', 'two section=one file=x.ini')", '2 ; no comment'],
      ["query('ini', 'long', file='x.ini', section='one')", ['a\nb\n\nc']],
      ["query('ini', 'empty', file='x.ini', section='one')", ['']],
      ["lookup('ini', 'pct', file='x.ini', section='one')", '50%'],
      ["query('ini', 'nope', file='x.ini', section='one')", ['']],
      ["lookup('ini', 'nope', file='x.ini', section='one', default='d')", 'd'],
      ["query('ini', '^p', file='x.ini', section='one', re=True)", ['/srv/x', '50%']],
      ["query('ini', 'p.*', 'b', file='x.ini', section='two', re=True)", ['other', '/srv']],
      ["query('ini', 'Path', file='x.ini', section='one', case_sensitive=True)", ['/srv/x']],
      ["query('ini', 'path', file='x.ini', section='one', case_sensitive=True)", ['']],
      ["lookup('ini', 'user.name', type='properties', file='p.properties')", 'Zoe'],
      ["query('ini', 'alone', file='none.ini', section='m', allow_no_value=True)", []],
      ["lookup('csvfile', 'Li', file='t.csv', delimiter=',')", 'a, b'],
      ["lookup('csvfile', 'Li file=t.csv delimiter=, col=2')", 'say "hi"'],
      ["query('csvfile', 'nobody', file='t.csv', delimiter=',')", []],
      ["query('csvfile', 'nobody', file='t.csv', delimiter=',', default='d')", ['d']],
      ["query('csvfile', 'Wang', 'Li', file='t.csv', delimiter=',', col=0)", ['Wang', 'Li']],
      ["lookup('csvfile', 'k', col=-1)", 'v2'],
      ["lookup('ini', 'x', file='x.ini', section='three')", "lookup ini: No section 'three' in x.ini"],
      ["lookup('ini', 'x', file='bad.ini')", 'lookup ini: bad.ini: line 1: "x=1" stands before the first section'],
      ["lookup('ini', 'x', file='none.ini')", 'lookup ini: none.ini: line 2: "alone" is no name with a value'],
      ["lookup('ini', 'x', file='twice.ini')", 'lookup ini: twice.ini: line 3: "x" stands twice in its section'],
      ["lookup('csvfile', 'Li', file='t.csv', delimiter=',', col=7)", 'lookup csvfile: the row of Li has no column 7'],
      ["lookup('csvfile', 'Li', fiel='t.csv')", 'lookup csvfile: it has no option "fiel"; did you mean "file"?'],
      ["lookup('ini', 'x', file='x.ini', type='toml')", 'lookup ini: type is "toml"; allowed: ini, properties'],
    ] // prettier-ignore
    const got = await values(
      cases.map(([expression]) => expression),
      { files },
    )
    for (const [index, [expression, value]] of cases.entries()) {
      if (typeof value === 'string' && value.startsWith('lookup ')) expect(got[index]).to.contain(value)
      else expect(got[index], expression).to.deep.equal(value)
    }
  })

  it('read files, templates, the environment, commands and variables', async () => {
    const got = await values(
      [
        "lookup('file', 'x.txt')",
        "lookup('file', 'x.txt', rstrip=False)",
        "lookup('template', 't.j2')",
        "lookup('env', 'WHO')",
        "lookup('env', 'NOBODY', default='d')",
        "lookup('pipe', 'printf \"a b\\n\"')",
        "query('lines', 'printf \"a\\nb\\n\"')",
        "lookup('vars', 'one')",
        "lookup('vars', 'none', default='d')",
        "query('inventory_hostnames', 'all:!a')",
        "query('fileglob', '*.txt') | map('basename') | list",
        "lookup('first_found', ['nope', 'x.txt']) | basename",
        "query('first_found', {'files': ['nope'], 'skip': True})",
      ],
      {
        files: { 'files/x.txt': 'text \n', 'templates/t.j2': 'one is {{ one }}\n' },
        settings: { env: { WHO: 'me' } },
      },
    )
    expect(got).to.deep.equal([
      'text', 'text \n', 'one is 1\n', 'me', 'd', 'a b', ['a', 'b'], 1, 'd', ['b'], ['x.txt'], 'x.txt', [],
    ]) // prettier-ignore
  })

  it('say what is wrong with them', async () => {
    const got = (await values([
      "lookup('file', 'gone.txt')",
      "lookup('pipe', 'echo oops >&2; exit 3')",
      "lookup('sequence', 'start=1')",
      "lookup('url', 'https://example.org', tiemout=3)",
      "lookup('no' ~ 'thing', 1)",
    ])) as string[]
    expect(got[0]).to.match(/Could not find or access 'gone.txt' on the controller; looked for /)
    expect(got[1]).to.contain('status 3: oops')
    expect(got[2]).to.contain('it needs an end or a count')
    expect(got[3]).to.contain('it has no option "tiemout"; did you mean "timeout"?')
    expect(got[4]).to.match(/nothing/)
  })

  it('make a password once, and none that stays in a dry run', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fplay-password-'))
    try {
      const path = join(folder, 'sub', 'p')
      const lookup = `lookup('password', '${path} length=12 chars=ascii_letters,digits')`
      const [dry] = await values([`${lookup} == ${lookup}`], { settings: { checkMode: true } })
      expect(dry).to.equal(true)
      expect(() => statSync(path)).to.throw('ENOENT')
      const [same, length] = await values([`${lookup} == ${lookup}`, `${lookup} | length`])
      expect([same, length]).to.deep.equal([true, 12])
      expect(readFileSync(path, 'utf8')).to.match(/^[A-Za-z0-9]{12}\n$/)
      expect(statSync(path).mode & 0o777).to.equal(0o600)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('hash a password with the salt that its file keeps, and make one from a seed as Python does', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fplay-password-'))
    const path = join(folder, 'p')
    const lookup = `lookup('password', '${path}', encrypt='md5_crypt')`
    try {
      const [plain, hash, again] = await values([`lookup('password', '${path}')`, lookup, lookup])
      const [, kept, salt] = /^(\S{20}) salt=(\S{8})\n$/.exec(readFileSync(path, 'utf8'))!
      expect([plain, kept!.length]).to.deep.equal(['********', 20])
      expect(hash)
        .to.match(/^\$1\$/)
        .and.contain(`$${salt!}$`)
      expect(again).to.equal(hash)
      // what ansible-core 2.14 answers
      const [comma, list, seeded, wrong, odd] = await values([
        "lookup('password', '/dev/null length=12 chars=a-f,,digits', seed='x') == '61553a825363'",
        "lookup('password', '/dev/null', length=12, chars=['hexdigits', '.,!'], seed='x') == 'EaDDf2!cCeFe'",
        "lookup('password', '/dev/null length=12', seed='host1') == '.FxC8RS71Bo:'",
        "lookup('password', '/dev/null lenght=12')",
        "lookup('password', '/dev/null', encrypt='rot13')",
      ])
      expect([comma, list, seeded]).to.deep.equal([true, true, true])
      expect(wrong).to.contain('it has no option "lenght"; did you mean "length"?')
      expect(odd).to.contain('there is no hashtype "rot13"; allowed: md5, sha256, sha512')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('encrypt a password that is kept, when told to and a vault password was given', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fplay-password-'))
    const vault = createVault([{ id: 'default', password: 'pw' }], createSecrets())
    const [sealed, plain, bare] = ['sealed', 'plain', 'bare'].map((name) => join(folder, name))
    try {
      const lookup = (path: string, more = ''): string => `lookup('password', '${path}', length=9${more})`
      const [first, , again] = await values(
        [lookup(sealed!, ', vault=true'), lookup(plain!), lookup(sealed!)],
        { parts: { vault } },
      )
      expect(readFileSync(sealed!, 'utf8')).to.match(/^\$ANSIBLE_VAULT;1\.1;AES256\n/)
      expect(again).to.equal(first)
      expect(readFileSync(plain!, 'utf8')).to.have.length(10)
      await values([lookup(bare!, ', vault=true')])
      expect(readFileSync(bare!, 'utf8')).to.have.length(10)
      const [refused] = await values([lookup(sealed!)])
      expect(refused).to.contain('no vault password was given')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('give the items of with_… loops', async () => {
    const played = await playText(`
- hosts: a
  gather_facts: false
  tasks:
    - {name: dict, debug: {msg: '{{ item.key }}={{ item.value }}'}, with_dict: {x: 1}}
    - {name: nested, debug: {msg: '{{ item[0] }}{{ item[1] }}'}, with_nested: [[1, 2], [a]]}
    - {name: items, debug: {msg: '{{ item }}'}, with_items: [1, [2, 3]]}
    - {name: bare, debug: {msg: '{{ item }}'}, with_items: '{{ [4, [5]] }}'}
    - {name: sequence, debug: {msg: '{{ item }}'}, with_sequence: 'count=2'}
`)
    const items = (task: string): unknown[] =>
      (outcomeOn(played, task).values['results'] as { msg: unknown }[]).map(({ msg }) => msg)
    expect(items('dict')).to.deep.equal(['x=1'])
    expect(items('nested')).to.deep.equal(['1a', '2a'])
    expect(items('items')).to.deep.equal([1, 2, 3])
    expect(items('bare')).to.deep.equal([4, 5])
    expect(items('sequence')).to.deep.equal(['1', '2'])
  })
})
