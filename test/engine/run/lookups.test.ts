import { expect } from 'chai'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createVault } from '../../../engine/language/vault.js'
import { createSecrets } from '../../../engine/secrets.js'
import { outcomeOn, playText } from './playing.js'

/** Values of expressions on the host `a`; what fails gives its message. */
async function values(
  expressions: readonly string[],
  options: Parameters<typeof playText>[1] = {},
): Promise<unknown[]> {
  const tasks = expressions.map(
    (expression, i) =>
      `    - {name: n${i}, debug: {msg: ${JSON.stringify(`{{ ${expression} }}`)}}, ignore_errors: true}`,
  )
  const played = await playText(
    `- hosts: a\n  gather_facts: false\n  vars: {one: 1}\n  tasks:\n${tasks.join('\n')}\n`,
    options,
  )
  return expressions.map((_, i) => {
    const { status, message, values: got } = outcomeOn(played, `n${i}`)
    return status === 'ok' ? got['msg'] : message
  })
}

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
      ["query('random_choice', ['only'])", ['only']],
      ["query('sequence', 'start=1 end=5 stride=2 format=n%02d')", ['n01', 'n03', 'n05']],
      ["query('sequence', '4-6')", ['4', '5', '6']],
      ["query('sequence', 'count=3')", ['1', '2', '3']],
      ["query('sequence', start=3, end=1, stride=-1)", ['3', '2', '1']],
    ] // prettier-ignore
    expect(await values(cases.map(([expression]) => expression))).to.deep.equal(
      cases.map(([, value]) => value),
    )
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
      "lookup('url', 'https://example.org')",
      "lookup('no' ~ 'thing', 1)",
    ])) as string[]
    expect(got[0]).to.match(/there is no file "gone.txt" on the controller; looked for /)
    expect(got[1]).to.contain('status 3: oops')
    expect(got[2]).to.contain('it needs an end or a count')
    expect(got[3]).to.contain('use a task with the module uri')
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
