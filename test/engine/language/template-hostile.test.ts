import { expect } from 'chai'
import fc from 'fast-check'
import { FplayError } from '../../../engine/errors.js'
import {
  checkExpression,
  evaluateExpression,
  evaluateTemplate,
  renderValue,
} from '../../../engine/language/template.js'
import { type Value } from '../../../engine/language/value.js'
import { createScope, dictLayer } from '../../../engine/language/variables.js'
import { problem } from '../../support/refusals.js'
import { scope } from './template-scope.js'

const place = { file: 'play.yml', line: 3, column: 9 }

/** Methods that dictionaries have in both languages. */
const PYTHON_TOO = ['get', 'keys', 'values', 'clear']

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
/** Names of JavaScript's own objects, which must be as unknown as any other. */
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
