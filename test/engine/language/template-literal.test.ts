import { expect } from 'chai'
import fc from 'fast-check'
import { readPythonLiteral } from '../../../engine/language/python-literal.js'
import { evaluateTemplate } from '../../../engine/language/template.js'
import type { Value } from '../../../engine/language/value.js'

describe('text that writes out a value', () => {
  const variables: Readonly<Record<string, Value>> = { a: [1], n: 5, json: '[1, 2]', yes: true }
  const rendered = (text: string): unknown =>
    evaluateTemplate(text, { lookup: (name) => variables[name] }) as unknown

  // what ansible-core 2.14 makes of them
  const cases: readonly (readonly [string, unknown])[] = [
    ["[{{ a[0] }}, 'x']", [1, 'x']],
    ['{% set r = [] %}{% for i in a %}{% set _ = r.append(i) %}{% endfor %}{{ r }}', [1]],
    ['{\'k\': {{ a }}, "b": true, \'c\': None}', new Map<string, unknown>([['k', [1]], ['b', true], ['c', null]])], // prettier-ignore
    ['[{{ n }}, -1, -2, null, (1, 2), [], {}]', [5, -1, -2, null, [1, 2], [], new Map()]],
    ['{% if yes %}True{% else %}False{% endif %}', true],
    ['{% if not yes %}True{% else %}False{% endif %}', false],
    ['{# why #}[{{ n }}]\n', [5]],
    ['[section]\nx={{ n }}', '[section]\nx=5'],
    ['[ -f {{ n }} ] && echo', '[ -f 5 ] && echo'],
    [' [{{ n }}]', ' [5]'],
    ['[{{ n }}] and more', '[5] and more'],
    ['[{{ n }} + 1]', '[5 + 1]'],
    ['[lookup({{ n }})]', '[lookup(5)]'],
    ['{% if yes %}true{% endif %}', 'true'],
  ]
  for (const [template, value] of cases) {
    it(JSON.stringify(template), () => expect(rendered(template)).to.deep.equal(value))
  }

  it('stays text when a text of a value begins it, whatever a host printed', () => {
    expect(rendered('{{ json }}{{ "" }}')).to.equal('[1, 2]')
    expect(rendered('{{ json }}')).to.equal('[1, 2]')
    expect(rendered('{% if yes %}{{ json }}{% endif %}')).to.equal('[1, 2]')
    expect(rendered('{# why #}{{ json }}')).to.equal('[1, 2]')
  })

  it('is read from any text without an error, and nothing in it is looked up', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        (text) => void readPythonLiteral(`[${text}`, { json: true }),
      ),
      { numRuns: 500 },
    )
    for (const hostile of ['[constructor]', '[__proto__]', '[x]', '[[].pop]', '[omit]', "['a'|upper]"]) {
      expect(readPythonLiteral(hostile, { json: true })).to.equal(undefined)
    }
  })

  it('reads what JSON writes', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null))), (list) => {
        expect(readPythonLiteral(JSON.stringify(list), { json: true })).to.deep.equal(list)
      }),
    )
  })
})
