import { expect } from 'chai'
import { createHash, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { iniInventory } from '../support/inventories.js'
import { useLab } from '../support/lab.js'
import { useWorkplace } from '../support/workplace.js'

const NASTY = [
  '',
  ' ',
  "'",
  '"',
  '\\',
  '\n',
  '\r\n',
  '\t',
  '$(id)',
  '`id`',
  '${HOME}',
  '$1',
  '!!',
  '%s%n%',
  '\\n\\0',
  '-rf',
  '--',
  ';',
  '&',
  '|',
  '>x',
  '*',
  '?',
  '[a]',
  '~',
  '#',
  '{{ 7 * 7 }}',
  '{% raw %}',
  '{a,b}',
  'é',
  '漢字',
  '😀',
  '\u202e',
  '\u001b[31m',
  '\u007f',
  '\u0001',
  'EOF',
  '=',
  'null',
  'yes',
  '[1]',
  '1e3',
]
/** All of them, two and two. */
const PAIRS = NASTY.flatMap((each, i) => (i % 2 ? [each + NASTY[i - 1]!] : []))
/** Each makes some 250 files on each of two hosts. */
const RUNS = process.env['FPLAY_TEST'] === 'full' ? 20 : 1

/** Text that shells, templates, YAML and terminals could take for something else; it holds no NUL. */
const text = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...NASTY) },
      fc.string({ unit: 'grapheme', maxLength: 8 }),
      fc.string({ unit: 'binary', maxLength: 4 }),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join('').replaceAll('\0', ''))
/** A name of a file; variables of the host's environment mean their values in paths, as in Ansible. */
const name = text
  .map((value) => [...value.replaceAll('/', '').replaceAll('${HOME}', '${}')].slice(0, 40).join(''))
  .filter((value) => !['', '.', '..'].includes(value))

const PLAYBOOK = `
- hosts: all
  gather_facts: false
  vars: { at: /srv/hostile }
  vars_files: [cases.yml]
  tasks:
    - file: { path: '{{ at }}', state: absent }
    - file: { path: '{{ at }}/{{ item }}', state: directory }
      loop: [copy, jinja, handlebars, argv, environment, quoted, stdin, script, names, links]
    - copy: { content: '{{ item }}', dest: '{{ at }}/copy/{{ i }}' }
      loop: '{{ texts }}'
      loop_control: &index { index_var: i }
    - template: { src: value.j2, dest: '{{ at }}/jinja/{{ i }}' }
      loop: '{{ texts }}'
      loop_control: *index
    - template: { src: value.hbs, dest: '{{ at }}/handlebars/{{ i }}' }
      loop: '{{ texts }}'
      loop_control: *index
    - command: { argv: [sh, -c, 'printf %s "$1" >"$2"', sh, '{{ item }}', '{{ at }}/argv/{{ i }}'], expand_argument_vars: false }
      loop: '{{ texts }}'
      loop_control: *index
    - shell: printf %s "$VALUE" >"$FILE"
      environment: { VALUE: '{{ item }}', FILE: '{{ at }}/environment/{{ i }}' }
      loop: '{{ texts }}'
      loop_control: *index
    - shell: printf %s {{ item | quote }} >{{ at }}/quoted/{{ i }}
      loop: '{{ texts }}'
      loop_control: *index
    - command: { argv: [tee, '{{ at }}/stdin/{{ i }}'], stdin: '{{ item }}', stdin_add_newline: false }
      loop: '{{ texts }}'
      loop_control: *index
    - copy: { content: '{{ item }}', dest: '{{ at }}/names/{{ item }}' }
      loop: '{{ names }}'
    - file: { src: '{{ item }}', path: '{{ at }}/links/{{ i }}', state: link, force: true }
      loop: '{{ names }}'
      loop_control: *index
    - slurp: { src: '{{ at }}/names/{{ item }}' }
      loop: '{{ names }}'
      register: read
    - assert: { that: item.content | b64decode == item.item }
      loop: '{{ read.results }}'
`
const FOLDERS = ['copy', 'jinja', 'handlebars', 'argv', 'environment', 'quoted', 'stdin']

describe('hostile values', function () {
  this.timeout(120_000)
  const lab = useLab()
  const workplace = useWorkplace(() => lab().environment)

  /** A variable whose items are never taken for templates. */
  const variable = (key: string, values: readonly string[]): string =>
    `${key}:\n${values.map((value) => `  - !unsafe ${JSON.stringify(value)}\n`).join('')}`
  const sha1 = (bytes: string | Buffer): string => createHash('sha1').update(bytes).digest('hex')

  /** Checksums of the files 0, 1, 2 … of some folders. */
  async function sums(host: number, folders: readonly string[], count: number): Promise<string[]> {
    const script = `cd "$0" || exit; n=$1; shift; for f; do i=0; while [ $i -lt $n ]; do sha1sum <"$f/$i"; i=$((i + 1)); done; done`
    const { stdout } = await lab().run(host, ['sh', '-c', script, '/srv/hostile', String(count), ...folders])
    return stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.slice(0, 40))
  }

  it('reach Debian and busybox unharmed, as content, names, arguments, environment and input', async () => {
    workplace.write('value.j2', '{{ item }}')
    workplace.write('value.hbs', '{{item}}')
    const site = workplace.write('site.yml', PLAYBOOK)
    const inventory = workplace.write('hosts', await iniInventory(lab(), ['one', 'two', 'box']))
    const cases = fc.record({
      texts: fc.array(text, { minLength: 10, maxLength: 10 }).map((more) => [...PAIRS, ...more]),
      names: fc.uniqueArray(name, { minLength: 8, maxLength: 12 }),
    })
    await fc.assert(
      fc.asyncProperty(cases, async ({ texts, names }) => {
        workplace.write('cases.yml', `${variable('texts', texts)}${variable('names', names)}`)
        const { code, out, err } = await workplace.run([site, '-i', inventory, '--limit', 'one,box'])
        expect(code, out.slice(-3000) + err).to.equal(0)
        const expected = FOLDERS.flatMap(() => texts.map(sha1))
        for (const host of [1, 3]) {
          expect(await sums(host, FOLDERS, texts.length)).to.deep.equal(expected)
          const found = await lab().run(host, ['sh', '-c', 'cd /srv/hostile/names; find . -type f -print0'])
          expect(
            found.stdout
              .split('\0')
              .filter(Boolean)
              .map((path) => path.slice(2))
              .sort(),
          ).to.deep.equal([...names].sort())
        }
      }),
      { numRuns: RUNS, endOnFailure: true },
    )
  })

  it('of any bytes are copied byte for byte, small and large', async () => {
    const files = [0, 1, 4095, 65_536, 300_000, 1024 * 1024, 1024 * 1024 + 1, 3_000_000].map((size) =>
      randomBytes(size),
    )
    files.push(
      Buffer.from(Array.from({ length: 256 }, (_, i) => i)),
      Buffer.from('\0\n\0\n'),
      Buffer.from('\n\n\n'),
    )
    files.forEach((bytes, i) => workplace.write(`files/${i}`, bytes))
    const playbook = `
- hosts: all
  gather_facts: false
  tasks:
    - file: { path: /srv/hostile/bytes, state: directory }
    - copy: { src: files/, dest: /srv/hostile/bytes }
    - fetch: { src: '/srv/hostile/bytes/{{ item }}', dest: back/ }
      loop: [4, 8]
`
    const argv = [
      workplace.write('bytes.yml', playbook),
      '-i',
      workplace.write('hosts', await iniInventory(lab())),
    ]
    const { code, out, err } = await workplace.run(argv)
    expect(code, out + err).to.equal(0)
    for (const host of [1, 3])
      expect(await sums(host, ['bytes'], files.length)).to.deep.equal(files.map(sha1))
    expect((await workplace.run(argv)).recap.hosts['box']!.changed).to.equal(0)
  })

  it('as names of plays, tasks and handlers come out whole', async () => {
    const names = NASTY.filter((value) => !value.includes('{{') && !value.includes('{%') && value.trim())
    const tasks = names.map((each) => ({ name: `n${each}n`, ping: {} }))
    const playbook = [{ name: `play ${names.join('')}`, hosts: 'box', gather_facts: false, tasks }]
    const argv = [workplace.write('names.yml', JSON.stringify(playbook)), '-i', await iniFile()]
    const { code, out, err, recap } = await workplace.run(argv)
    expect(code, out + err).to.equal(0)
    expect(recap.tasks.map(({ task }) => task)).to.deep.equal(tasks.map((task) => task.name))
  })

  const iniFile = async (): Promise<string> => workplace.write('hosts', await iniInventory(lab()))
})
