import { expect } from 'chai'
import fc from 'fast-check'
import type { Problem } from '../../../engine/errors.js'
import { fail, FplayError, formatProblem } from '../../../engine/errors.js'
import type { Lookup, Scope } from '../../../engine/language/jinja/scope.js'
import { scopeOf } from '../../../engine/language/jinja/scope.js'
import {
  checkExpression,
  checkFile,
  checkTemplate,
  evaluateExpression,
  evaluateTemplate,
  hasTemplate,
  renderFile,
  renderValue,
} from '../../../engine/language/template.js'
import { keyPlaceOf, placeOf, setKeyPlace, setPlace } from '../../../engine/language/place.js'
import { Float, fromPlain, OMIT, type Value } from '../../../engine/language/value.js'
import { createScope, dictLayer } from '../../../engine/language/variables.js'
import { isUnknown, Unknown } from '../../../engine/unknown.js'

const place = { file: 'play.yml', line: 3, column: 9 }
const uid = new Unknown('id of user fate', [null, 0])

function scope(variables: Record<string, unknown> = {}): Scope {
  const all = { user: 'fate', port: 9370, party: { id: 10000, hosts: ['a', 'b'] }, ...variables }
  return scopeOf(new Map(Object.entries(all).map(([key, value]) => [key, fromPlain(value)])))
}

function problem(run: () => unknown): Problem {
  try {
    run()
  } catch (error) {
    if (error instanceof FplayError) return error.problems[0]!
    throw error
  }
  throw new Error('nothing was refused')
}

function message(run: () => unknown): string {
  return formatProblem(problem(run))
}

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

describe('template files', () => {
  const files = new Map([
    ['part.j2', 'part of {{ user }}{% if local is defined %} with {{ local }}{% endif %}\n'],
    ['macros.j2', '{% macro hello(x) %}hello {{ x }}{{ suffix }}{% endmacro %}{% set suffix = "!" %}'],
    ['base.j2', '<{% block title %}base{% endblock %}|{% block body required %}{% endblock %}>'],
    ['middle.j2', "{% extends 'base.j2' %}{% block title %}middle {{ super() }}{% endblock %}"],
    ['broken.j2', 'line\n{{ nosuch }}'],
    ['loop.j2', "{% include 'loop.j2' %}"],
  ])
  const withFiles: Scope = {
    ...scope(),
    template: (name) => {
      const text = files.get(name)
      return text === undefined ? undefined : { text, file: name }
    },
  }
  const render = (text: string): unknown => renderFile(text, withFiles, 'main.j2')

  it('include, import and extend others', () => {
    expect(render("{% set local = 1 %}[{% include 'part.j2' %}]")).to.equal('[part of fate with 1]')
    expect(render("{% set local = 1 %}{% include 'part.j2' without context %}")).to.equal('part of fate')
    expect(render("{% include 'no.j2' ignore missing %}x{% include ['no.j2', 'part.j2'] %}")).to.equal(
      'xpart of fate',
    )
    expect(render("{% import 'macros.j2' as m %}{{ m.hello('you') }}{{ m.suffix }}")).to.equal('hello you!!')
    expect(render("{% from 'macros.j2' import hello as hi %}{{ hi(1) }}")).to.equal('hello 1!')
    expect(render("{% extends 'base.j2' %}dropped{% block body %}B{% endblock %}")).to.equal('<base|B>')
    const child = "{% extends 'middle.j2' %}{% set t = 'T' %}{% block body %}{{ t }}{% endblock %}"
    expect(render(child)).to.equal('<middle base|T>')
  })

  it('tell the place in the file that is wrong', () => {
    expect(message(() => render("{% include 'broken.j2' %}"))).to.match(
      /^broken\.j2:2:4: "nosuch" is undefined/,
    )
    expect(message(() => render("\n{% include 'no.j2' %}"))).to.equal(
      'main.j2:2:12: there is no template "no.j2" (file-not-found)',
    )
    expect(problem(() => render("{% include 'loop.j2' %}")).message).to.contain('without end')
    expect(problem(() => render("{% extends 'base.j2' %}")).message).to.contain('"body" is required')
    expect(problem(() => render("{% from 'macros.j2' import nosuch %}{{ nosuch }}")).code).to.equal(
      'undefined-name',
    )
  })

  it('obey their header and the overrides of the task', () => {
    const header = "#jinja2: variable_start_string: '[%', variable_end_string: '%]', trim_blocks: False\n"
    expect(render(`${header}[% user %] {{ x }}{% if true %}\na{% endif %}\n`)).to.equal('fate {{ x }}\na\n')
    expect(
      renderFile('  {% if true %}\nx\n  {% endif %}\n', withFiles, 'a', { lstrip_blocks: true }),
    ).to.equal('x\n')
    expect(renderFile('a\nb{{ 1 }}', withFiles, 'a', { newline_sequence: '\r\n' })).to.equal('a\r\nb1')
    expect(message(() => render('#jinja2: trim_block: True\nx'))).to.equal(
      'main.j2:1:9: a template has no setting "trim_block"; did you mean "trim_blocks"? (template-syntax)',
    )
    expect(message(() => render('#jinja2: trim_blocks: True\n{{ nosuch }}'))).to.match(/^main\.j2:2:4: /)
  })

  it('are Unknown as a whole when one piece is', () => {
    expect(isUnknown(renderFile('a {{ uid }} b', scope({ uid }), 'a.j2'))).to.equal(true)
  })
})

/** Methods that dictionaries have in both languages. */
const PYTHON_TOO = ['get', 'keys', 'values', 'clear']

/** Names of JavaScript's own objects, which must be as unknown as any other. */
/** Names that Python's values, or the filters, have as JavaScript's do. */
const IN_PYTHON = [
  'length',
  'reverse',
  'sort',
  'join',
  'map',
  'replace',
  'split',
  'find',
  'pop',
  'slice',
  'trim',
]
const HOSTILE = [
  ...Object.getOwnPropertyNames(Object.prototype),
  ...Object.getOwnPropertyNames(Function.prototype),
  ...Object.getOwnPropertyNames(Map.prototype).filter((name) => !PYTHON_TOO.includes(name)),
  ...[Array, String, Number, BigInt, Boolean, RegExp, Date, Promise, Error, Symbol]
    .flatMap((type) => Object.getOwnPropertyNames(type.prototype))
    .filter((name) => !PYTHON_TOO.includes(name) && !IN_PYTHON.includes(name)),
  ...[
    'globalThis',
    'process',
    'require',
    'prototype',
    'window',
    'Function',
    'eval',
    'import',
    'module',
    'exports',
  ],
  ...[
    '__class__',
    '__mro__',
    '__subclasses__',
    '__globals__',
    '__init__',
    '__builtins__',
    '__import__',
    '__dict__',
  ],
]

describe('what JavaScript has', () => {
  const values = [
    "''",
    "'text'",
    '[]',
    '[1]',
    '{}',
    "{'a': 1}",
    '1',
    '1.5',
    'true',
    'none',
    '(1, 2)',
    'range',
    'omit',
  ]
  for (const name of new Set(HOSTILE)) {
    it(`does not show through ${name}`, () => {
      expect(problem(() => evaluateExpression(name, scope())).code).to.equal('undefined-name')
      for (const value of values) {
        for (const path of [`(${value}).${name}`, `(${value})['${name}']`, `(${value}) | attr('${name}')`]) {
          const answer = evaluateExpression(`(${path}) is defined`, scope())
          expect(answer, path).to.equal(false)
        }
      }
      if (name !== 'length')
        expect(problem(() => checkExpression(`1 | ${name}`)).code).to.equal('unknown-filter')
      expect(evaluateExpression(`{'${name}': 5}.${name}`, scope())).to.equal(5)
    })
  }

  it('is not reached by any chain of names', () => {
    const name = fc.constantFrom(...HOSTILE, 'name', 'items', 'format', 'call', '0')
    fc.assert(
      fc.property(
        fc.array(name, { minLength: 1, maxLength: 4 }),
        fc.constantFrom(...values),
        (path, value) => {
          const expression = `(${value})${path.map((one) => `['${one}']`).join('')}`
          try {
            const found = evaluateExpression(`${expression} is defined`, scope())
            expect(found === true && /constructor|__proto__|prototype/.test(path[0]!)).to.equal(false)
          } catch (error) {
            expect(error).to.be.instanceOf(FplayError)
          }
        },
      ),
    )
  })
})

describe('any text', () => {
  const words = [
    '{{',
    '}}',
    '{%',
    '%}',
    '{#',
    '#}',
    '-',
    'if',
    'endif',
    'for',
    'in',
    'endfor',
    'set',
    'macro',
    'user',
    'x',
    '|',
    'default',
    'is',
  ]
  const more = [
    'not',
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    ',',
    ':',
    '.',
    '=',
    '==',
    '+',
    '*',
    '**',
    '%',
    '"',
    "'",
    '\\',
    '1',
    '0.5',
    '\n',
    ' ',
    '~',
    'raw',
    'else',
    'block',
  ]
  const soup = fc.array(fc.constantFrom(...words, ...more), { maxLength: 25 }).map((parts) => parts.join(' '))
  const run = (evaluate: (text: string) => unknown) => (text: string) => {
    try {
      evaluate(text)
    } catch (error) {
      if (!(error instanceof FplayError)) throw error
      expect(error.problems[0]!.code).not.to.equal('internal')
    }
  }
  it('as a template is rendered or refused with a place', () => {
    fc.assert(
      fc.property(
        soup,
        run((text) => evaluateTemplate(text, scope(), place)),
      ),
      { numRuns: 1500 },
    )
    fc.assert(
      fc.property(
        fc.string(),
        run((text) => evaluateTemplate(`{{ ${text} }}`, scope(), place)),
      ),
    )
  })
  it('as an expression is evaluated or refused', () => {
    fc.assert(
      fc.property(
        soup,
        run((text) => evaluateExpression(text, scope(), place)),
      ),
      { numRuns: 1500 },
    )
  })
  it('as a literal comes back as it was', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary-ascii' })), (text) => {
        const quoted = `'${text.replace(/[\\']/g, '\\$&')}'`
        expect(evaluateExpression(quoted, scope())).to.equal(text)
        expect(evaluateTemplate('{{ x }}', scope({ x: text }))).to.equal(text)
      }),
    )
  })
})

describe('what hosts say', () => {
  const piece = fc.constantFrom(
    '{{', '}}', '{%', '%}', '{#', '#}', ' ', '\n', "lookup('pipe', 'touch x')", 'x', 'known', "'", '"', '\\', '{', '}',
    '#jinja2: trim_blocks: no', '!unsafe', '$ANSIBLE_VAULT;1.1;AES256', '__proto__', 'constructor', '| default(1)', '-', '%',
  ) // prettier-ignore
  const text = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''))
  const layersOf = (said: string) => [
    dictLayer(
      'facts',
      new Map<string, Value>([
        ['said', said],
        ['deep', [new Map([[said, said]])]],
      ]),
      {
        templated: false,
      },
    ),
    dictLayer(
      'play vars',
      new Map<string, Value>([
        ['again', '{{ said }}'],
        ['once', 'a{{ again }}b'],
        ['known', 'no'],
      ]),
    ),
  ]

  it('is never evaluated, wherever it is used', () => {
    fc.assert(
      fc.property(text, (said) => {
        const used = (template: string) =>
          evaluateTemplate(template, createScope(layersOf(said), renderValue))
        expect(used('{{ said }}')).to.equal(said)
        expect(used('{{ again }}')).to.equal(said)
        expect(used('{{ once }}')).to.equal(`a${said}b`)
        expect(used('<{{ said }}>')).to.equal(`<${said}>`)
        expect(used('{{ deep[0][said] }}')).to.equal(said)
        expect(used('{% for key in deep[0] %}{{ key }}{% endfor %}')).to.equal(said)
        expect(used('{{ [said] | map("default", "d") | first }}')).to.equal(said)
        expect(used('{{ said if said is string else "" }}')).to.equal(said)
      }),
      { numRuns: 300 },
    )
  })

  it('gives no names that could be reached by it', () => {
    fc.assert(
      fc.property(fc.constantFrom(...HOSTILE), (name) => {
        const layers = [
          dictLayer('facts', new Map<string, Value>([['said', new Map([[name, 'data']])]]), {
            templated: false,
          }),
        ]
        const value = evaluateTemplate(`{{ said['${name}'] }}`, createScope(layers, renderValue))
        expect(value).to.equal('data')
        const path = `said['${name}']['constructor'] is defined`
        expect(evaluateExpression(path, createScope(layers, renderValue))).to.equal(false)
      }),
    )
  })
})
