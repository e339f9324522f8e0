import { expect } from 'chai'
import fc from 'fast-check'
import { formatProblem } from '../../../engine/errors.js'
import { Float, OMIT, Unsafe } from '../../../engine/language/value.js'
import type { Dict, Value } from '../../../engine/language/value.js'
import { parseYaml } from '../../../engine/language/yaml.js'
import type { Declaration } from '../../../engine/module/declaration.js'
import type { ParamSpec, ParamType } from '../../../engine/module/params.js'
import { validateParams } from '../../../engine/module/validate.js'
import { Unknown } from '../../../engine/unknown.js'

function declare(params: Record<string, Partial<ParamSpec>>, more: Partial<Declaration> = {}): Declaration {
  const table = Object.entries(params).map(([name, spec]) => [
    name,
    { type: 'str', description: `${name} it.`, ...spec },
  ])
  return { summary: 'Test', params: Object.fromEntries(table) as Declaration['params'], ...more }
}

function validate(declaration: Declaration, yaml: string | Dict) {
  const values = typeof yaml === 'string' ? (parseYaml(yaml, 'p.yml').value as Dict) : yaml
  const { params, problems, unknown } = validateParams(declaration, values, { name: 'm', task: 'T' })
  return { params, unknown, problems: problems.map(formatProblem) }
}

/** The converted value of a parameter `p`, or the problem. */
function convert(type: ParamType, value: Value, more: Partial<ParamSpec> = {}): unknown {
  const { params, problems } = validate(declare({ p: { type, ...more } }), new Map([['p', value]]))
  return problems[0]?.replace('task "T": m: "p" is ', '') ?? params['p']
}

describe('validateParams', () => {
  describe("converts by Ansible's rules", () => {
    const cases: [ParamType, Value, unknown][] = [
      ['str', 5, '5'],
      ['str', true, 'True'],
      ['str', 1.5, '1.5'],
      ['str', new Float(2), '2.0'],
      ['str', 12345678901234567890n, '12345678901234567890'],
      ['str', new Unsafe('{{ x }}'), '{{ x }}'],
      ['str', ['a'], 'a list; allowed: text (bad-param)'],
      ['int', '5', 5],
      ['int', ' -7 ', -7],
      ['int', true, 1],
      ['int', new Float(3), 3],
      ['int', '5.5', '"5.5"; allowed: a whole number (bad-param)'],
      ['int', 5.5, '5.5; allowed: a whole number (bad-param)'],
      ['float', '1.5', 1.5],
      ['float', 2, 2],
      ['float', 'x', '"x"; allowed: a number (bad-param)'],
      ['bool', 'yes', true],
      ['bool', 'Off', false],
      ['bool', 1, true],
      ['bool', new Float(0), false],
      ['bool', '', '""; allowed: true or false (bad-param)'],
      ['bool', 2, '2; allowed: true or false (bad-param)'],
      ['path', '~/x', '~/x'],
      ['mode', 0o644, 0o644],
      ['mode', 'u=rw', 'u=rw'],
      ['mode', 99999, '99999; allowed: a mode such as "0644" or "u=rw,g=r" (bad-param)'],
    ]
    for (const [type, value, expected] of cases) {
      it(`${type} from ${String(value)} (${typeof value})`, () =>
        expect(convert(type, value)).to.equal(expected))
    }

    it('lists from text with commas and from one value', () => {
      expect(convert('list', 'a,b')).to.deep.equal(['a', 'b'])
      expect(convert('list', 7)).to.deep.equal(['7'])
      expect(convert('list', ['1', 2], { elements: 'int' })).to.deep.equal([1, 2])
      expect(convert('list', new Map())).to.equal('a dictionary; allowed: a list (bad-param)')
    })

    it('lists of one expression, commas and all', () => {
      expect(convert('list', 'x in [1, 2]', { expression: true })).to.deep.equal(['x in [1, 2]'])
    })

    it('dictionaries from key=value text and from JSON', () => {
      expect(convert('dict', 'a=1, b="x y"')).to.deep.equal(new Map([['a', '1'], ['b', 'x y']])) // prettier-ignore
      expect(convert('dict', '{"a": [1]}')).to.deep.equal(new Map([['a', [1]]]))
      expect(convert('dict', 'nothing')).to.equal('"nothing"; allowed: a dictionary (bad-param)')
    })

    it('booleans that YAML made of choices', () => {
      expect(convert('str', true, { choices: ['on', 'off'] })).to.equal('on')
      expect(convert('str', false, { choices: ['no', 'always'] })).to.equal('no')
    })

    it('never fails with an exception, whatever comes', () => {
      const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.constant(OMIT))
      const value = fc.oneof(
        leaf,
        fc.array(leaf),
        fc.dictionary(fc.string(), leaf).map((o) => new Map(Object.entries(o))),
      )
      const type = fc.constantFrom<ParamType>(
        'str',
        'int',
        'float',
        'bool',
        'list',
        'dict',
        'path',
        'raw',
        'mode',
      )
      fc.assert(fc.property(type, value, (t, v) => (convert(t, v as Value), true)))
    })
  })

  it('fills in defaults, and drops what is omitted or null', () => {
    const declaration = declare({ a: { default: 'x' }, b: {}, c: { type: 'list', elements: 'str' } })
    const values: Dict = new Map<Value, Value>([['a', null], ['b', OMIT], ['c', ['1', OMIT]]]) // prettier-ignore
    expect(validate(declaration, values).params).to.deep.equal({ a: 'x', c: ['1'] })
  })

  it('knows parameters by their aliases', () => {
    expect(validate(declare({ dest: { aliases: ['path'] } }), 'path: /x').params).to.deep.equal({
      dest: '/x',
    })
  })

  it('gives declared options as plain objects and leaves other dictionaries as they are', () => {
    const declaration = declare({
      ports: {
        type: 'list',
        elements: 'dict',
        options: { port: { type: 'int', description: '', default: 80 } },
      },
      labels: { type: 'dict' },
    })
    expect(validate(declaration, 'ports: [{port: "8"}, {}]\nlabels: {a: 1}').params).to.deep.equal({
      ports: [{ port: 8 }, { port: 80 }],
      labels: new Map([['a', 1]]),
    })
  })

  it('lets values pass that only the real run can tell, and lists them', () => {
    const declaration = declare({
      a: { type: 'int', required: true },
      b: { type: 'list', elements: 'int' },
      c: { choices: ['x'] },
    })
    const later = new Unknown('id of user x')
    const values: Dict = new Map<Value, Value>([['a', later], ['b', ['1', later]], ['c', later]]) // prettier-ignore
    const validated = validate(declaration, values)
    expect(validated.problems).to.deep.equal([])
    expect(validated.unknown).to.deep.equal(['a', 'b', 'c'])
    expect(validated.params['b']).to.deep.equal([1, later])
  })

  describe('refuses with place and cure', () => {
    const declaration = declare({
      src: {},
      project_src: { aliases: ['project'], required: true },
      state: { choices: ['present', 'absent'] },
      opts: { type: 'dict', options: { depth: { type: 'int', description: 'How deep.' } } },
      password: { type: 'int', secret: true },
    })
    const cases: [string, string, string[]][] = [
      ['a parameter that does not exist', 'projct: x\nproject: y', ['p.yml:1:1 task "T": m has no parameter "projct"; did you mean "project"? (unknown-param)']],
      ['a missing one', 'src: x', ['p.yml:1:1 task "T": m needs the parameter "project_src"; give it: project_src it (missing-param)']],
      ['a value that is no choice', 'project: x\nstate: presnt', ['p.yml:2:8 task "T": m: "state" is "presnt"; did you mean "present"? (bad-param)']],
      ['an option that does not exist', 'project: x\nopts: {dept: 1}', ['p.yml:2:8 task "T": m has no parameter "dept" in "opts"; did you mean "depth"? (unknown-param)']],
      ['a wrong option', 'project: x\nopts: {depth: x}', ['p.yml:2:15 task "T": m: "opts.depth" is "x"; allowed: a whole number (bad-param)']],
      ['a secret, without showing it', 'project: x\npassword: geheim', ['p.yml:2:11 task "T": m: "password" is not such a value; allowed: a whole number (bad-param)']],
      ['a text that YAML splits at its commas, once', '{project: x, src: u=rwx,g=rx, o=r, state: absent}', ['p.yml:1:19 task "T": m: in { } the value of "src" ends at the comma, so "g=rx" is read as another parameter; put it into quotes: src: "u=rwx,g=rx, o=r" (unknown-param)']],
      ['one in an option', '{project: x, opts: {depth: a,b}}', ['p.yml:1:28 task "T": m: in { } the value of "depth" ends at the comma, so "b" is read as another parameter in "opts"; put it into quotes: depth: "a,b" (unknown-param)', 'p.yml:1:28 task "T": m: "opts.depth" is "a"; allowed: a whole number (bad-param)']],
      ['a secret one, without showing it', '{project: x, password: ge,heim}', ['p.yml:1:24 task "T": m: in { } the value of "password" ends at the comma, so what follows is read as another parameter; put it into quotes: password: "…" (unknown-param)', 'p.yml:1:24 task "T": m: "password" is not such a value; allowed: a whole number (bad-param)']],
      ['a name without a value in a line of its own', 'project: x\nsrcc:', ['p.yml:2:1 task "T": m has no parameter "srcc"; did you mean "src"? (unknown-param)']],
    ] // prettier-ignore
    for (const [what, yaml, problems] of cases) {
      it(what, () => expect(validate(declaration, yaml).problems).to.deep.equal(problems))
    }

    it('hostile names of parameters', () => {
      for (const name of ['__proto__', 'constructor', 'toString']) {
        const values: Dict = new Map<Value, Value>([['project', 'x'], [name, 'y']]) // prettier-ignore
        expect(validate(declaration, values).problems[0]).to.include(`m has no parameter "${name}"`)
      }
    })
  })

  describe('holds the rules across parameters', () => {
    const params = { a: {}, b: {}, c: { default: 'x' } }
    const problem = (rules: Declaration['rules'], yaml: string) =>
      validate(declare(params, { rules }), yaml).problems[0]

    it('that exclude each other, defaults not counted', () => {
      expect(problem({ exclusive: [['a', 'b']] }, 'a: 1\nb: 2')).to.include('"a", "b" exclude each other')
      expect(problem({ exclusive: [['a', 'c']] }, 'a: 1')).to.equal(undefined)
    })
    it('that belong together', () => {
      expect(problem({ together: [['a', 'b']] }, 'a: 1')).to.include('"b" is missing')
      expect(problem({ together: [['a', 'b']] }, 'c: 1')).to.equal(undefined)
    })
    it('of which one is needed', () => {
      expect(problem({ oneOf: [['a', 'b']] }, 'c: 1')).to.include('one of "a", "b" is needed')
      expect(problem({ oneOf: [['a', 'c']] }, 'b: 1')).to.equal(undefined)
    })
    it('without counting what a template may yet leave out', () => {
      const later = new Unknown('a template')
      const given = (...names: string[]): Dict => new Map(names.map((name) => [name, later]))
      const rules = { exclusive: [['a', 'b']], together: [['a', 'b']], requiredBy: { a: ['b'] } }
      const declaration = declare({ a: {}, b: {} }, { rules })
      expect(validate(declaration, given('a')).problems).to.deep.equal([])
      expect(validate(declaration, given('a', 'b')).problems).to.deep.equal([])
      expect(problem({ oneOf: [['a', 'b']] }, 'c: 1')).to.include('is needed')
      expect(
        validate(declare({ a: {}, b: {} }, { rules: { oneOf: [['a', 'b']] } }), given('b')).problems,
      ).to.deep.equal([])
    })
    it('that a value requires', () => {
      expect(problem({ requiredIf: [['c', 'x', ['a']]] }, 'b: 1')).to.include('"c: x" needs "a"')
      expect(problem({ requiredIf: [['c', 'y', ['a']]] }, 'b: 1')).to.equal(undefined)
    })
    it('that another one requires', () => {
      expect(problem({ requiredBy: { a: ['b'] } }, 'a: 1')).to.include('"a" needs "b"')
      expect(problem({ requiredBy: { a: ['b'] } }, 'b: 1')).to.equal(undefined)
    })
  })

  it('lets an open declaration have more, and takes _raw_params as the free-form parameter', () => {
    expect(validate(declare({}, { open: true }), 'x: 1').params).to.deep.equal({ x: 1 })
    expect(validate(declare({ cmd: {} }, { freeForm: 'cmd' }), '_raw_params: ls').params).to.deep.equal({
      cmd: 'ls',
    })
  })
})
