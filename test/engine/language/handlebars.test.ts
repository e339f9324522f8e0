import { expect } from 'chai'
import fc from 'fast-check'
import { FplayError, formatProblem } from '../../../engine/errors.js'
import { renderHandlebars } from '../../../engine/language/handlebars/render.js'
import type { Scope } from '../../../engine/language/jinja/scope.js'
import { scopeOf } from '../../../engine/language/jinja/scope.js'
import { checkFile, renderTemplate } from '../../../engine/language/template.js'
import { Float, fromPlain } from '../../../engine/language/value.js'
import { isUnknown, Unknown } from '../../../engine/unknown.js'

const files = new Map([
  ['row.hbs', 'id: {{id}}\nip: {{ip}}\n'],
  ['named.hbs', '{{greeting}} {{user}}'],
  ['layout.hbs', '<{{> @partial-block}}>'],
  ['broken.hbs', 'x\n{{nosuch}}'],
  ['endless.hbs', '{{> endless}}'],
])

function scope(variables: Record<string, unknown> = {}): Scope {
  const all = {
    user: 'fate',
    port: 9370,
    on: true,
    off: false,
    none: null,
    empty: [],
    html: '<a href="x">&</a>',
    parties: [
      { id: 10000, ip: '192.168.7.1', ports: [1, 2] },
      { id: 9999, ip: '192.168.7.2', ports: [] },
    ],
    routes: new Map([
      ['10000', { ip: 'a' }],
      ['9999', { ip: 'b' }],
    ]),
    items: ['x', 'y'],
    ...variables,
  }
  const values = new Map(Object.entries(all).map(([key, value]) => [key, fromPlain(value)]))
  return {
    ...scopeOf(values),
    template: (name) => {
      const text = files.get(name)
      return text === undefined ? undefined : { text, file: name }
    },
  }
}

const render = (text: string, variables?: Record<string, unknown>) =>
  renderHandlebars(text, scope(variables), 'a.hbs')

function refusal(text: string, variables?: Record<string, unknown>): string {
  try {
    render(text, variables)
  } catch (error) {
    if (error instanceof FplayError) return formatProblem(error.problems[0]!)
    throw error
  }
  throw new Error(`${text} was not refused`)
}

describe('Handlebars templates', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['{{user}}:{{port}} {{on}}/{{off}}', 'fate:9370 true/false'],
    ['{{html}} {{{html}}} {{&html}}', '<a href="x">&</a> <a href="x">&</a> <a href="x">&</a>'],
    ['{{parties.0.ip}} {{parties.[1].id}} {{parties.length}}', '192.168.7.1 9999 2'],
    ['{{#if on}}a{{else}}b{{/if}}{{#unless on}}a{{else}}b{{/unless}}', 'ab'],
    ['{{#if off}}a{{else if port}}b{{else}}c{{/if}}', 'b'],
    ['{{#if empty}}a{{else}}none{{/if}}', 'none'],
    ['{{#if (eq port 9370)}}yes{{/if}}{{#if (gt port 10000)}}no{{/if}}', 'yes'],
    ['{{#if (and on (not off))}}yes{{/if}}{{#if (or off none)}}no{{/if}}', 'yes'],
    ['{{#if (in "x" items)}}yes{{/if}}{{#if (defined nosuch)}}no{{/if}}', 'yes'],
    ['{{#each parties}}{{@index}}={{id}}{{#unless @last}},{{/unless}}{{/each}}', '0=10000,1=9999'],
    ['{{#each routes}}{{@key}}:{{ip}};{{/each}}', '10000:a;9999:b;'],
    ['{{#each routes as |route id|}}{{id}}>{{route.ip}}{{/each}}', '10000>a9999>b'],
    ['{{#each empty}}x{{else}}nothing{{/each}}', 'nothing'],
    [
      '{{#each parties}}{{#each ports}}{{../id}}/{{this}}/{{@root.user}}/{{../../port}} {{/each}}{{/each}}',
      '10000/1/fate/9370 10000/2/fate/9370 ',
    ],
    ['{{#with parties.[0]}}{{ip}}{{/with}}{{#with none}}x{{else}}y{{/with}}', '192.168.7.1y'],
    ['{{#with parties.[0] as |p|}}{{p.id}}{{/with}}', '10000'],
    ['{{#with (lookup routes "9999")}}{{ip}}{{/with}}', 'b'],
    ['{{upper user}} {{join items ","}} {{join items d="-"}}', 'FATE x,y x-y'],
    ['{{to_json parties.[0].ports}} {{default nosuch.deep "d"}} {{default user "d"}}', '[1, 2] d fate'],
    ['{{upper (default nosuch "x")}} {{int "5"}}', 'X 5'],
    ['{{default none "n" true}}', 'n'],
    ['{{items.length}} {{items.[1]}}', '2 y'],
    ['a\n{{#if on}}\nb\n{{/if}}\nc\n', 'a\nb\nc\n'],
    ['a {{~ user ~}} b', 'afateb'],
    ['{{! gone }}{{!-- {{gone}} --}}x', 'x'],
    ['\\{{raw}} {{{{raw}}}}{{x}}{{{{/raw}}}}', '{{raw}} {{x}}'],
    [
      '{{#each parties}}\n  {{> row}}\n{{/each}}',
      '  id: 10000\n  ip: 192.168.7.1\n  id: 9999\n  ip: 192.168.7.2\n',
    ],
    ['{{> named greeting="hi"}} {{> row parties.[1]}}', 'hi fate id: 9999\nip: 192.168.7.2\n'],
    ['{{#> layout}}inside {{user}}{{/layout}}{{#> nosuch}}fallback{{/nosuch}}', '<inside fate>fallback'],
    ['{{> (lower "NAMED") greeting=1}}', '1 fate'],
    ["{{regex_replace user '(.)a' '\\1A'}}", 'fAte'],
  ]
  for (const [text, expected] of cases) {
    it(text, () => expect(render(text)).to.equal(expected))
  }

  it('writes floats as the language has them', () => {
    expect(render('{{a}} {{b}}', { a: new Float(2), b: 0.5 })).to.equal('2.0 0.5')
  })

  it('never renders a value again', () => {
    expect(render('{{x}}', { x: '{{user}} {{{{raw}}}}' })).to.equal('{{user}} {{{{raw}}}}')
  })

  it('is what a template file named .hbs is, and no other', () => {
    expect(renderTemplate('{{upper user}}', scope(), 'a.hbs')).to.equal('FATE')
    expect(renderTemplate('{{ user | upper }}', scope(), 'a.conf')).to.equal('FATE')
    expect(() => checkFile('{{#if x}}', 'a.hbs')).to.throw(FplayError)
  })
})

describe('what Handlebars passes over in silence', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['a\n {{usr}}', 'a.hbs:2:2: "usr" is undefined; did you mean "user"? (undefined-name)'],
    ['{{#if nosuch}}x{{/if}}', 'a.hbs:1:1: "nosuch" is undefined (undefined-name)'],
    ['{{#unless nosuch}}x{{/unless}}', 'a.hbs:1:1: "nosuch" is undefined (undefined-name)'],
    ['{{#each nosuch}}x{{/each}}', 'a.hbs:1:1: "nosuch" is undefined (undefined-name)'],
    ['{{#with nosuch}}x{{/with}}', 'a.hbs:1:1: "nosuch" is undefined (undefined-name)'],
    ['{{upper nosuch}}', 'a.hbs:1:1: "nosuch" is undefined (undefined-name)'],
    ['{{upper (lower nosuch)}}', 'a.hbs:1:1: "nosuch" is undefined (undefined-name)'],
    ['{{join items d=nosuch}}', 'a.hbs:1:1: "nosuch" is undefined (undefined-name)'],
    [
      '{{lookup routes "1"}}',
      'a.hbs:1:1: "lookup[\'1\']" is undefined: the dictionary has no key "1" (undefined-name)',
    ],
    ['{{lookup nosuch "1"}}', 'a.hbs:1:1: "nosuch" is undefined (undefined-name)'],
    ['{{#if (and on nosuch)}}{{/if}}', 'a.hbs:1:1: "nosuch" is undefined (undefined-name)'],
    ['{{@index}}', 'a.hbs:1:1: "@index" is undefined: it exists only inside {{#each}} (undefined-name)'],
    ['{{@root.nosuch}}', 'a.hbs:1:1: "nosuch" is undefined (undefined-name)'],
    ['{{../user}}', 'a.hbs:1:1: "../user" is undefined: there is no block this far outside (undefined-name)'],
    [
      '{{#each parties}}{{user}}{{/each}}',
      'a.hbs:1:18: "this.user" is undefined: the dictionary has no key "user"; outside the block it is @root.user (undefined-name)',
    ],
    [
      '{{parties.0.ipp}}',
      'a.hbs:1:1: "parties.0.ipp" is undefined: the dictionary has no key "ipp"; did you mean "ip"? (undefined-name)',
    ],
    ['{{user.length}}', 'a.hbs:1:1: "user.length" is undefined: "user" is no dictionary (undefined-name)'],
    ['{{> row}}', 'row.hbs:1:5: "id" is undefined (undefined-name)'],
    ['{{> row nosuch}}', 'a.hbs:1:1: "nosuch" is undefined (undefined-name)'],
    ['{{> broken}}', 'broken.hbs:2:1: "nosuch" is undefined (undefined-name)'],
    ['{{> nosuch}}', 'a.hbs:1:1: there is no partial "nosuch" (file-not-found)'],
    ['{{> endless}}', 'endless.hbs:1:1: a partial calls itself without end (expression-failed)'],
    [
      '{{none}}',
      'a.hbs:1:1: "none" is none and cannot be written; give it a default: {{default x "" true}} (undefined-name)',
    ],
    ['{{items}}', 'a.hbs:1:1: "items" is a list; write it with join or to_json (expression-failed)'],
    [
      '{{routes}}',
      'a.hbs:1:1: "routes" is a dictionary; write it with to_json or to_yaml (expression-failed)',
    ],
    [
      '{{#each user}}{{/each}}',
      "a.hbs:1:1: {{#each}} needs a list or dictionary, not 'str' (expression-failed)",
    ],
    ['{{to_jsn items}}', 'a.hbs:1:1: there is no helper "to_jsn"; did you mean "to_json"? (unknown-filter)'],
    ['{{#if off}}{{nosuch items}}{{/if}}', 'a.hbs:1:12: there is no helper "nosuch" (unknown-filter)'],
    [
      '{{#eech items}}{{/eech}}',
      'a.hbs:1:1: there is no block "eech"; did you mean "each"? (unknown-filter)',
    ],
    [
      '{{#items}}{{/items}}',
      'a.hbs:1:1: there is no block "items"; allowed: if, unless, each, with, raw (unknown-filter)',
    ],
    ['{{#if}}{{/if}}', 'a.hbs:1:1: {{#if}} takes one argument (expression-failed)'],
  ]
  for (const [text, expected] of cases) it(text, () => expect(refusal(text)).to.equal(expected))

  it('refuses what cannot be parsed, with its place', () => {
    expect(refusal('a\n{{#if on}}')).to.equal('a.hbs:2:1: the template ends too early (template-syntax)')
    expect(refusal('a\n{{#if on}}x{{/each}}')).to.match(
      /^a\.hbs:2:\d+: if doesn't match each \(template-syntax\)$/,
    )
    expect(refusal('{{ user')).to.match(/^a\.hbs:1:1: the template has a character that cannot stand here/)
    expect(refusal('{{* decorate}}')).to.contain('decorators')
  })
})

describe('values only the run can tell, in Handlebars', () => {
  const uid = new Unknown('id of user fate')
  for (const text of [
    'a {{uid}}',
    '{{#if uid}}a{{/if}}',
    '{{#each uid}}a{{/each}}',
    '{{upper uid}}',
    '{{uid.deep}}',
    '{{#if (eq uid 5)}}{{/if}}',
  ]) {
    it(`${text} is not known`, () => {
      const result = render(text, { uid })
      expect(isUnknown(result) && result.why).to.equal('id of user fate')
    })
  }
  it('decides what is certain', () => {
    expect(render('{{#if (and uid off)}}a{{else}}b{{/if}}{{#if (defined uid)}}c{{/if}}', { uid })).to.equal(
      'bc',
    )
  })
})

describe('what JavaScript has, in Handlebars', () => {
  const names = [
    ...Object.getOwnPropertyNames(Object.prototype),
    'prototype',
    'keys',
    'get',
    'size',
    'entries',
    'forEach',
    'push',
    'map',
  ]
  for (const name of names) {
    it(`does not show through ${name}`, () => {
      for (const path of [name, `user.${name}`, `items.${name}`, `routes.${name}`, `parties.0.${name}`]) {
        expect(refusal(`{{${path}}}`), path).to.contain('(undefined-name)')
      }
      expect(refusal(`{{lookup routes "${name}"}}`)).to.contain('(undefined-name)')
      expect(refusal(`{{${name} user nosuch}}`)).to.match(/\((unknown-filter|undefined-name)\)/)
    })
  }

  it('is a key like any other when a dictionary has it', () => {
    const odd = new Map([['__proto__', 'p']])
    expect(renderHandlebars('{{d.__proto__}}', scopeOf(new Map([['d', odd]])), 'a.hbs')).to.equal('p')
  })

  it('any text is rendered or refused', () => {
    const parts = [
      '{{',
      '}}',
      '{{{',
      '}}}',
      '#if',
      '#each',
      '/if',
      '/each',
      'user',
      'items',
      'this',
      '../',
      '@index',
      'else',
      '^',
      '~',
      '(',
      ')',
      '=',
      '"x"',
      '1',
      ' ',
      '\n',
      '>',
      '!',
      'as |a|',
      '&',
      '[',
      ']',
      '.',
      'upper',
    ]
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...parts), { maxLength: 14 }), (soup) => {
        try {
          render(soup.join(' '))
        } catch (error) {
          if (!(error instanceof FplayError)) throw error
        }
      }),
      { numRuns: 1500 },
    )
  })
})
