import { expect } from 'chai'
import { fail } from '../../../engine/errors.js'
import type { Lookup, Scope } from '../../../engine/language/jinja/scope.js'
import {
  checkExpression,
  checkFile,
  checkTemplate,
  evaluateTemplate,
  hasTemplate,
  renderValue,
} from '../../../engine/language/template.js'
import { keyPlaceOf, placeOf, setKeyPlace, setPlace } from '../../../engine/language/place.js'
import { Float, OMIT, type Value } from '../../../engine/language/value.js'
import { isUnknown, Unknown } from '../../../engine/unknown.js'
import { message, problem } from '../../support/refusals.js'
import { scope } from './template-scope.js'

const place = { file: 'play.yml', line: 3, column: 9 }
const uid = new Unknown('id of user fate', [null, 0])

describe('templates in strings', () => {
  it('gives native values for one expression and text for more', () => {
    expect(evaluateTemplate('{{ port }}', scope())).to.equal(9370)
    expect(evaluateTemplate('{{ party.hosts }}', scope())).to.deep.equal(['a', 'b'])
    expect(evaluateTemplate('{{ 4 / 2 }}', scope())).to.deep.equal(new Float(2))
    expect(evaluateTemplate(' {{ port }}', scope())).to.equal(' 9370')
    expect(evaluateTemplate('{{ port }}{{ port }}', scope())).to.equal('93709370')
    expect(evaluateTemplate('{{ (1, 2) }}', scope())).to.deep.equal([1, 2])
    expect(evaluateTemplate('{{ none }}', scope())).to.equal('')
    expect(evaluateTemplate('{{ port }}\n', scope())).to.equal(9370)
    expect(evaluateTemplate('{{ user }}\n', scope())).to.equal('fate\n')
  })

  it('leaves a text without template alone, and never renders a result', () => {
    expect(hasTemplate('a } b')).to.equal(false)
    expect(evaluateTemplate('a } b', scope())).to.equal('a } b')
    expect(evaluateTemplate('{{ x }}', scope({ x: '{{ user }}' }))).to.equal('{{ user }}')
    expect(evaluateTemplate('{{ x }}!', scope({ x: '{{ user }}' }))).to.equal('{{ user }}!')
  })

  it('hands omit through', () => {
    expect(evaluateTemplate('{{ nothing_here | default(omit) }}', scope())).to.equal(OMIT)
    expect(message(() => evaluateTemplate('x{{ omit }}', scope(), place))).to.contain(
      '"omit" leaves a parameter out',
    )
  })

  it('makes an infinite or huge result an error', () => {
    for (const text of [
      '{{ 2 ** 1000000 }}',
      "{{ 'a' * 10 ** 12 }}",
      '{{ range(10 ** 9) }}',
      "{{ '%2000000d' % 1 }}",
    ]) {
      expect(problem(() => evaluateTemplate(text, scope())).code).to.equal('expression-failed')
    }
    const endless = '{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}'
    expect(problem(() => evaluateTemplate(endless, scope())).message).to.contain('without end')
  })

  it('works on copies of what it changes', () => {
    const variables = scope()
    expect(
      evaluateTemplate('{% set _ = party.hosts.append("c") %}{{ party.hosts | length }}', variables),
    ).to.equal('3')
    expect(evaluateTemplate('{{ party.hosts | length }}', variables)).to.equal(2)
  })
})

describe('errors of templates', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['{{ usr }}', 'play.yml:3:12: "usr" is undefined; did you mean "user"? (undefined-name)'],
    [
      'a {{ party.hots }}',
      'play.yml:3:20: "party.hots" is undefined: the dictionary has no key "hots"; did you mean "hosts"? (undefined-name)',
    ],
    [
      '{{ party.hosts[5] }}',
      'play.yml:3:23: "party.hosts[5]" is undefined: the list has 2 items (undefined-name)',
    ],
    [
      '{{ user | defalt(1) }}',
      'play.yml:3:19: there is no filter "defalt"; did you mean "default"? (unknown-filter)',
    ],
    [
      '{{ user is defned }}',
      'play.yml:3:20: there is no test "defned"; did you mean "defined"? (unknown-filter)',
    ],
    ['{{ 1 / 0 }}', 'play.yml:3:14: division by zero (expression-failed)'],
    [
      '{{ user | join(sep=1) }}',
      'play.yml:3:19: the filter "join" has no parameter "sep"; allowed: attribute, d (expression-failed)',
    ],
    ['{{ user + 1 }}', "play.yml:3:17: unsupported operand types for +: 'str' and 'int' (expression-failed)"],
    ['{{ (user }}', 'play.yml:3:12: "(" is never closed (template-syntax)'],
    [
      'line\n  {% iff x %}{% endif %}',
      'play.yml:4:6: there is no statement "iff"; did you mean "if"? (template-syntax)',
    ],
    ['{% for x in y %}', 'play.yml:3:12: "for" is never closed by "endfor" (template-syntax)'],
    [
      '{{ lookup("fil", "x") }}',
      'play.yml:3:19: there is no lookup "fil"; did you mean "file"? (unknown-filter)',
    ],
    ['{{ missing | mandatory("set it") }}', 'play.yml:3:22: set it (undefined-name)'],
  ]
  for (const [text, expected] of cases) {
    it(text, () => {
      const shown = message(() => evaluateTemplate(text, scope(), place))
      expect(shown).to.equal(expected)
    })
  }

  it('are found without evaluating', () => {
    expect(problem(() => checkTemplate('{{ never | nosuch }}', place)).code).to.equal('unknown-filter')
    expect(problem(() => checkExpression('a ==', place)).code).to.equal('template-syntax')
    expect(problem(() => checkFile('{% if x %}', 'a.j2')).code).to.equal('template-syntax')
    expect(() => checkTemplate('{{ never }}', place)).not.to.throw()
  })

  it('pass on what a variable itself lacks, unless it is guarded', () => {
    const inner = {
      code: 'undefined-name',
      message: '"deep" is undefined',
      place: { file: 'vars.yml', line: 1, column: 1 },
    } as const
    const lazy: Scope = { lookup: (name) => (name === 'outer' ? fail(inner) : undefined) }
    expect(message(() => evaluateTemplate('{{ outer }}', lazy, place))).to.equal(
      'vars.yml:1:1: "deep" is undefined (undefined-name)',
    )
    expect(evaluateTemplate('{{ outer | default("x") }}', lazy)).to.equal('x')
    expect(evaluateTemplate('{{ outer is defined }}', lazy)).to.equal(false)
    const broken: Scope = { lookup: () => fail({ code: 'vault-password', message: 'no' }) }
    expect(problem(() => evaluateTemplate('{{ outer | default("x") }}', broken)).code).to.equal(
      'vault-password',
    )
  })
})

describe('values only the run can tell', () => {
  const known = scope({ uid })
  const whys: readonly (readonly [string, string])[] = [
    ['{{ uid }}', 'id of user fate'],
    ['{{ uid + 1 }}', 'id of user fate'],
    ['{{ uid.name }}', 'id of user fate'],
    ['{{ uid | string | upper }}', 'id of user fate'],
    ['uid={{ uid }}', 'id of user fate'],
    ["{{ [uid, 1] | join(',') }}", 'id of user fate'],
    ['{% if uid > 3 %}a{% endif %}', 'id of user fate'],
    ['{% for x in uid %}a{% endfor %}', 'id of user fate'],
    ['{{ uid and true }}', 'id of user fate'],
    ['{{ not uid }}', 'id of user fate'],
    ['{{ uid == 1000 }}', 'id of user fate'],
    ['{{ 1 if uid else 2 }}', 'id of user fate'],
    ['{{ uid in [1, 2] }}', 'id of user fate'],
    ['{{ uid | default(5) }}', 'id of user fate'],
    ['{{ {"a": uid} | to_json }}', 'id of user fate'],
  ]
  for (const [text, why] of whys) {
    it(`${text} is not known`, () => {
      const value = evaluateTemplate(text, known)
      expect(isUnknown(value) && value.why).to.equal(why)
    })
  }
  const certain: readonly (readonly [string, Value])[] = [
    ['{{ uid is defined }}', true],
    ['{{ uid == none }}', false],
    ['{{ uid != 0 }}', true],
    ['{{ uid is none }}', false],
    ['{{ uid and false }}', false],
    ['{{ uid or true }}', true],
    ['{{ true or uid }}', true],
    ['{{ [uid] | length }}', 1],
    ['{{ [uid, 2][1] }}', 2],
  ]
  for (const [text, value] of certain) {
    it(`${text} is ${String(value)}`, () => expect(evaluateTemplate(text, known)).to.equal(value))
  }
  it('names every reason', () => {
    const value = evaluateTemplate('{{ a }}{{ b }}', scope({ a: new Unknown('x'), b: new Unknown('y') }))
    expect(isUnknown(value) && value.why).to.equal('x; y')
  })
  it('still reports an undefined name beside it', () => {
    expect(problem(() => evaluateTemplate('{{ uid + nosuch }}', known)).code).to.equal('undefined-name')
  })
})

describe('lookups', () => {
  const withLookups: Scope = {
    ...scope(),
    lookups: new Map<string, Lookup>([
      ['env', (terms) => terms.map((term) => `<${String(term)}>`)],
      ['list', () => [1, 2]],
      ['file', () => fail({ code: 'file-not-found', message: 'no file' })],
      ['dict', (_, options) => [options]],
    ]),
  }
  it('join texts, unless a list is wanted', () => {
    expect(evaluateTemplate("{{ lookup('env', 'A', 'B') }}", withLookups)).to.equal('<A>,<B>')
    expect(
      evaluateTemplate("{{ lookup('ansible.builtin.env', 'A', wantlist=true) }}", withLookups),
    ).to.deep.equal(['<A>'])
    expect(evaluateTemplate("{{ query('env', 'A') }}", withLookups)).to.deep.equal(['<A>'])
    expect(evaluateTemplate("{{ lookup('list') }}", withLookups)).to.deep.equal([1, 2])
    expect(evaluateTemplate("{{ lookup('dict', x=1) }}", withLookups)).to.deep.equal(new Map([['x', 1]]))
  })
  it('may fail quietly when asked', () => {
    expect(evaluateTemplate("{{ lookup('file', errors='ignore') }}", withLookups)).to.equal('')
    expect(problem(() => evaluateTemplate("{{ lookup('file') }}", withLookups)).code).to.equal(
      'file-not-found',
    )
    expect(problem(() => evaluateTemplate("{{ lookup('evn') }}", withLookups)).allowed).to.equal(
      'did you mean "env"?',
    )
  })
})

describe('rendering of whole values', () => {
  it('keeps places and leaves what needs nothing as it is', () => {
    const dict = new Map<Value, Value>([
      ['a{{ port }}', ['x', '{{ user }}']],
      ['plain', [1, 2]],
    ])
    setPlace(dict, place)
    setPlace(dict, { ...place, line: 7 }, 'a{{ port }}')
    setKeyPlace(dict, { ...place, line: 8 }, 'a{{ port }}')
    const rendered = renderValue(dict, scope()) as Map<Value, Value>
    expect([...rendered]).to.deep.equal([
      ['a9370', ['x', 'fate']],
      ['plain', [1, 2]],
    ])
    expect(rendered.get('plain')).to.equal(dict.get('plain'))
    expect(placeOf(rendered, 'a9370')?.line).to.equal(7)
    expect(keyPlaceOf(rendered, 'a9370')?.line).to.equal(8)
    expect(renderValue(rendered, scope())).to.equal(rendered)
  })
  it('tells the place of the item that is wrong', () => {
    const list: Value[] = ['ok', '{{ nosuch }}']
    setPlace(list, { ...place, line: 5 }, 1)
    expect(problem(() => renderValue(list, scope())).place).to.deep.equal({
      file: 'play.yml',
      line: 5,
      column: 12,
    })
  })
})
