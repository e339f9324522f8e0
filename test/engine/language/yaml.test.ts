import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { keyPlaceOf, placeOf } from '../../../engine/language/place.js'
import { Float, toPlain as plain, Unsafe } from '../../../engine/language/value.js'
import type { Dict, Value } from '../../../engine/language/value.js'
import { sealEnvelope } from '../../../engine/language/vault-format.js'
import { createSecrets } from '../../../engine/secrets.js'
import { loadYamlFile, parseYaml, parseYamlStream } from '../../../engine/language/yaml.js'
import { refusal } from '../../support/refusals.js'

function read(text: string): Value {
  return parseYaml(text, 'f.yml').value
}

describe('YAML', () => {
  it('keeps the order and the kind of keys', () => {
    expect([...(read('10000: a\n9999: b\n__proto__: c\non: d') as Dict)]).to.deep.equal([
      [10000, 'a'],
      [9999, 'b'],
      ['__proto__', 'c'],
      [true, 'd'],
    ])
  })

  it('reads JSON numbers in a JSON file, as Ansible does', () => {
    expect(read('{"a": 1e3, "b": [1.5, "\\ud83d\\ude00"],\n\t"c": 12345678901234567890}')).to.deep.equal(
      new Map<Value, Value>([
        ['a', new Float(1000)],
        ['b', [1.5, '😀']],
        ['c', 12345678901234567890n],
      ]),
    )
  })

  describe('merges and aliases', () => {
    it('puts merged keys first and lets own ones win', () => {
      const dict = read('b: &b {x: 1, y: 2}\nc:\n  z: 3\n  <<: *b\n  x: 9') as Dict
      expect([...(dict.get('c') as Dict)]).to.deep.equal([
        ['x', 9],
        ['y', 2],
        ['z', 3],
      ])
    })
    it('lets the first of a list win', () => {
      const dict = read('a: &a {x: 1}\nb: &b {x: 2, y: 2}\nc: {<<: [*a, *b]}') as Dict
      expect((dict.get('c') as Dict).get('x')).to.equal(1)
      expect((dict.get('c') as Dict).get('y')).to.equal(2)
    })
    it('keeps the place of a merged value', () => {
      const dict = (read('b: &b\n  x: 1\nc:\n  <<: *b') as Dict).get('c') as Dict
      expect(placeOf(dict, 'x')).to.deep.equal({ file: 'f.yml', line: 2, column: 6 })
      expect(keyPlaceOf(dict, 'x')).to.deep.equal({ file: 'f.yml', line: 2, column: 3 })
    })
    it('shares what an alias repeats', () => {
      const dict = read('a: &a [1]\nb: *a') as Dict
      expect(dict.get('a')).to.equal(dict.get('b'))
    })
    it('refuses a merge of text', () => {
      expect(refusal(() => read('a:\n  <<: text'))).to.match(/^f\.yml:2:7: "<<" merges dictionaries/)
    })
    it('refuses an alias of what holds it', () => {
      expect(refusal(() => read('a: &x [*x]'))).to.match(/^f\.yml:1:8: "\*x" repeats a value/)
    })
  })

  describe('reads lines below their key, as PyYAML does', () => {
    // every one of these is an error of YAML 1.2; the right-hand sides are what PyYAML gave, as JSON
    const cases: readonly (readonly [string, string])[] = [
      ['foo: [\n  a,\n]\nb: 1\n', '{"foo":["a"],"b":1}'],
      ['- x:\n    foo: {\n"a": 1, # ]\n  }\n- 2\n', '[{"x":{"foo":{"a":1}}},2]'],
      ['foo: "a\nb"\nc: 1\n', '{"foo":"a b","c":1}'],
      ["x:\n  foo: 'it''s\n\n  b'\n", '{"x":{"foo":"it\'s\\nb"}}'],
      ['a: |\n  [ "\n  {\nb: [\n]\n', '{"a":"[ \\"\\n{\\n","b":[]}'],
      ["a: it's [\nb: {c: it's, d: [\n]\n}\n", '{"a":"it\'s [","b":{"c":"it\'s","d":[]}}'],
      ['- &x !!seq [\n1]\n- *x\n', '[[1],[1]]'],
      ['"k": [\n1]\nhttp://x#y: ["\n"]\n', '{"k":[1],"http://x#y":[" "]}'],
    ]
    for (const [text, json] of cases) {
      it(JSON.stringify(text), () => expect(JSON.stringify(plain(read(text)))).to.equal(json))
    }
    it('and knows where they stand', () => {
      const dict = read('a: [\nx,\n  y\n]\n') as Dict
      expect(placeOf(dict.get('a'), 0)).to.deep.equal({ file: 'f.yml', line: 2, column: 1 })
      expect(placeOf(dict.get('a'), 1)).to.deep.equal({ file: 'f.yml', line: 3, column: 3 })
    })
  })

  it('lets the last of two equal keys count and warns', () => {
    const { value, warnings } = parseYaml('a: 1\nb: 2\na: 3', 'f.yml')
    expect((value as Dict).get('a')).to.equal(3)
    expect(warnings.map(({ place, message }) => [place, message])).to.deep.equal([
      [
        { file: 'f.yml', line: 3, column: 1 },
        'the key "a" is here a second time (first in line 1), and this one counts',
      ],
    ])
  })

  describe('knows where things stand', () => {
    const text =
      '- name: x\n  list:\n    - "quoted"\n    - {k: v}\n  block: |\n    first\n    second\n  empty:\n'
    const task = (read(text) as Value[])[0] as Dict
    const cases: readonly (readonly [string, unknown, number, number])[] = [
      ['the dictionary', placeOf(task), 1, 3],
      ['a key', keyPlaceOf(task, 'list'), 2, 3],
      ['a value', placeOf(task, 'name'), 1, 9],
      ['a list', placeOf(task, 'list'), 3, 5],
      ['quoted text, behind the quote', placeOf(task.get('list'), 0), 3, 8],
      ['a flow dictionary', placeOf(task.get('list'), 1), 4, 7],
      ['block text, at its first line', placeOf(task, 'block'), 6, 5],
      ['an empty value, at its key', placeOf(task, 'empty'), 8, 3],
    ]
    for (const [what, place, line, column] of cases) {
      it(what, () => expect(place).to.deep.equal({ file: 'f.yml', line, column }))
    }
    it('behind a byte order mark and with CRLF', () => {
      const dict = read('\ufeffa: 1\r\nb: 2\r\n') as Dict
      expect(keyPlaceOf(dict, 'b')).to.deep.equal({ file: 'f.yml', line: 2, column: 1 })
    })
  })

  describe('tags', () => {
    it('!unsafe keeps text from being evaluated, also below', () => {
      const dict = read('a: !unsafe "{{ b }}"\nc: !unsafe [x, {d: y}]') as Dict
      expect(dict.get('a')).to.be.instanceOf(Unsafe)
      expect(String(dict.get('a'))).to.equal('{{ b }}')
      const list = dict.get('c') as Value[]
      expect(list[0]).to.be.instanceOf(Unsafe)
      expect((list[1] as Dict).get('d')).to.be.instanceOf(Unsafe)
    })
    it('!vault is decrypted when it is used, and only once', () => {
      let count = 0
      const secrets = createSecrets()
      const vault = { secrets, decrypt: (text: string) => `${text.trim()}${++count}` }
      const dict = parseYaml('a: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n', 'f.yml', { vault }).value as Dict
      const secret = dict.get('a') as Unsafe
      expect(count).to.equal(0)
      expect(secret.text).to.equal('$ANSIBLE_VAULT;1.1;AES2561')
      expect(secret.text).to.equal('$ANSIBLE_VAULT;1.1;AES2561')
      expect(secrets.mask('= $ANSIBLE_VAULT;1.1;AES2561')).to.equal('= ********')
      expect(secret.ciphertext).to.equal('$ANSIBLE_VAULT;1.1;AES256\n')
    })
    it('!vault without a password fails at its place when it is used', () => {
      const sealed = sealEnvelope(Buffer.from('x'), 'pw').trim().replaceAll('\n', '\n  ')
      const dict = read(`a: 1\nb: !vault |\n  ${sealed}\n`) as Dict
      expect(refusal(() => (dict.get('b') as Unsafe).text)).to.equal(
        'f.yml:3:3: the value is encrypted and no vault password was given; use --ask-vault-pass, --vault-password-file or --vault-id (vault-password)',
      )
    })
    it('refuses others', () => {
      expect(refusal(() => read('a: !!python/object:os.x {}'))).to.match(
        /^f\.yml:1:4: there is no tag !!python\/object:os\.x here; allowed: !vault/,
      )
    })
  })

  it('reads several documents only where they are expected', () => {
    expect(parseYamlStream('--- 1\n--- 2\n', 'f.yml').documents).to.deep.equal([1, 2])
    expect(refusal(() => read('a: 1\n---\nb: 2\n'))).to.match(/^f\.yml:3:1: a second document begins here/)
  })

  describe('explains mistakes', () => {
    const cases: readonly (readonly [string, string, RegExp])[] = [
      ['a tab', '- a: 1\n\tb: 2', /^f\.yml:2:1: a tab is used for indentation/],
      [
        'an unquoted template',
        'src: {{ base }}/x\n',
        /^f\.yml:1:6: .*must be quoted.*write src: "\{\{ base \}\}\/x"/,
      ],
      ['an unquoted template alone', '- a: {{ b }}\n', /^f\.yml:1:6: .*write a: "\{\{ b \}\}"/],
      ['an unquoted template with quotes in it', 'a: {{ b["c"] }}\n', /write a: '\{\{ b\["c"\] \}\}'/],
      ['text behind a quote', 'a: "{{ b }}"/x\n', /^f\.yml:1:13: text follows the closing quote/],
      [
        'no space after a colon',
        '- name: x\n  hosts:all\n  tasks:\n    - a: 1\n',
        /^f\.yml:2:8: a space is missing after the colon.*write hosts: all/,
      ],
      ['no space after a dash', 'a:\n- 1\n-2\n', /^f\.yml:3:1: a space is missing after the dash/],
      ['an open quote', 'a: "x\nb: 1\n', /^f\.yml:1:4: the quote that opens here is not closed/],
      ['an open bracket', 'a: 1\nb: [1, 2\nc: 3\n', /^f\.yml:2:4: the "\[" that opens here is not closed/],
      [
        'a colon in text',
        '- msg: error: it failed\n',
        /^f\.yml:1:13: a colon.*write msg: "error: it failed"/,
      ],
      ['an indicator', 'a: @x\n', /^f\.yml:1:4: a value cannot begin with "@" without quotes.*write a: "@x"/],
      ['a lone star', '- hosts: *\n', /^f\.yml:1:10: .*write hosts: "\*"/],
      ['no colon', 'a: 1\nb\nc: 2\n', /^f\.yml:2:1: a line between keys has no colon/],
      ['a list behind its key', 'a: - b\n', /^f\.yml:1:4: a list cannot begin behind its key.*a: \[b\]/],
      ['a list item among keys', 'a: 1\n- b\n', /^f\.yml:2:1: a list item stands among keys/],
      ['a key below a value', 'foo: a\n  b: c\n', /^f\.yml:2:3: line 1 gives "foo" a value already/],
      [
        'too little indentation',
        '- apt:\n    name: x\n   state: y\n',
        /^f\.yml:3:4: the line begins in column 4.*line 2 begins in column 5/,
      ],
      ['an unknown escape', 'a: "\\d"\n', /^f\.yml:1:6: a backslash/],
      ['a control character', 'a: x\u0001\n', /^f\.yml:1:5: .*U\+0001/],
      ['a dictionary as a key', '? {a: 1}\n: 2\n', /^f\.yml:1:3: a list or a dictionary cannot be a key/],
    ]
    for (const [what, text, message] of cases) {
      it(what, () => expect(refusal(() => read(text))).to.match(message))
    }
  })

  describe('reads files', () => {
    const folder = mkdtempSync(join(tmpdir(), 'fplay-yaml-'))
    it('that are encrypted', () => {
      const file = join(folder, 'v.yml')
      writeFileSync(file, sealEnvelope(Buffer.from('x'), 'pw'))
      const secrets = createSecrets()
      const vault = { secrets, decrypt: () => 'user: fate\npassword: Fate-1' }
      const { value } = loadYamlFile(file, { vault })
      expect([...(value as Dict).values()]).to.deep.equal(['fate', 'Fate-1'])
      expect(secrets.mask('fate/Fate-1')).to.equal('fate/********')
      expect(refusal(() => loadYamlFile(file))).to.match(/v\.yml:1:1: .*\(vault-password\)$/)
    })
    it('that do not exist', () => {
      expect(refusal(() => loadYamlFile(join(folder, 'no.yml')))).to.match(/no\.yml \(file-not-found\)$/)
    })
    it('that are folders', () => {
      expect(refusal(() => loadYamlFile(folder))).to.match(/EISDIR \(file-unreadable\)$/)
    })
  })

  it('reads 2,000 tasks in a time that grows with their number only', () => {
    const task =
      '- name: Task\n  copy:\n    src: "{{ base }}/x"\n    dest: /srv/x\n    mode: "0644"\n  when: a\n  notify: [restart]\n'
    const start = process.cpuUsage()
    expect(read(task.repeat(2000))).to.have.length(2000)
    expect(process.cpuUsage(start).user / 1e6).to.be.below(10)
  })
})
