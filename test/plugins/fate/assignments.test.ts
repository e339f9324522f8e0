import { expect } from 'chai'
import fc from 'fast-check'
import type { Problem } from '../../../engine/errors.js'
import { readAssignments } from '../../../plugins/fate/assignments.js'

/** What a text says: name to text or texts, and its problems as `line:column message`. */
function read(text: string): { values: Record<string, string | string[]>; problems: string[] } {
  const problems: Problem[] = []
  const { byName, warnings } = readAssignments(text, 'f', problems)
  const values = [...byName.values()].map(({ name, value }): [string, string | string[]] => [
    name,
    'text' in value ? value.text : value.map((word) => word.text),
  ])
  const line = ({ place, message }: Problem): string => `${place!.line}:${place!.column} ${message}`
  return { values: Object.fromEntries(values), problems: [...problems, ...warnings].map(line) }
}

describe('files of assignments', () => {
  it('have values, lists, quotes and comments as a shell reads them', () => {
    const text = [
      '#!/bin/bash\r',
      '  # a comment',
      'plain=a-b/c.d:9 # after a value',
      'hash=a#b',
      `single='a "b" $c # \\'  `,
      'double="a \'b\' \\"c\\" \\$d \\e"',
      'joined=a"b c"\'d e\'f',
      'escaped=a\\ b\\#c',
      'empty=',
      'export exported=1',
      'list=(10000 9999) ',
      'long=( # first',
      "  'a b' # why",
      '  c\\ d "" e',
      ')',
      'none=()',
      'dollar=a$',
    ].join('\n')
    expect(read(text)).to.deep.equal({
      values: {
        plain: 'a-b/c.d:9',
        hash: 'a#b',
        single: 'a "b" $c # \\',
        double: 'a \'b\' "c" $d \\e',
        joined: 'ab cd ef',
        escaped: 'a b#c',
        empty: '',
        exported: '1',
        list: ['10000', '9999'],
        long: ['a b', 'c d', '', 'e'],
        none: [],
        dollar: 'a$',
      },
      problems: [],
    })
  })

  it('are read to their end, and every mistake is told with its place', () => {
    const text = ['a = 1', 'b=$HOME', 'c="x`id`"', 'd=x; rm -rf /', 'e=two words', "f='open", 'g=1'].join(
      '\n',
    )
    expect(read(text)).to.deep.equal({
      values: { g: '1' },
      problems: [
        '1:1 "a = 1" is no assignment',
        '2:3 a shell would replace what begins with "$H", and this file is read as data',
        '3:5 a shell would replace what begins with "`", and this file is read as data',
        '4:4 ";" stands outside quotes',
        '5:7 "words" follows the value',
        '6:3 this quote has no end',
      ],
    })
    expect(read('a=(1 2\nb=3').problems).to.deep.equal(['1:3 this list has no end'])
    expect(read('a=(1 $x\n 2)\nb=3')).to.deep.include({ values: { b: '3' } })
    expect(read('a=1\na=2')).to.deep.equal({
      values: { a: '2' },
      problems: ['2:1 a is set twice; the last one counts'],
    })
  })

  it('carry any text in single quotes, and never throw', () => {
    const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
    fc.assert(
      fc.property(fc.string(), fc.string(), (one, other) => {
        const [a, b] = [one, other].map((text) => text.replaceAll('\r', ' '))
        expect(read(`a=${quoted(a!)}\nb=(${quoted(a!)} ${quoted(b!)})`).values).to.deep.equal({
          a,
          b: [a, b],
        })
      }),
      { numRuns: 200 },
    )
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'a=( )\'"\\$#\n;') }), (text) => void read(text)),
      { numRuns: 500 },
    )
  })
})
