import { expect } from 'chai'
import type { Scope } from '../../../engine/language/jinja/scope.js'
import type { Dict, Value } from '../../../engine/language/value.js'
import {
  computedLayer,
  createScope,
  dictLayer,
  findVariable,
  orderLayers,
  PRECEDENCE,
  variableNames,
} from '../../../engine/language/variables.js'
import type { Sources } from '../../../engine/language/variables.js'
import { parseYaml } from '../../../engine/language/yaml.js'
import { refusal } from '../../support/refusals.js'

function dict(text: string, file = 'f.yml'): Dict {
  return parseYaml(text, file).value as Dict
}

/** Stands in for the expression language: `$name` is the value of a variable. */
function render(value: Value, scope: Scope): Value {
  return typeof value === 'string' && value.startsWith('$') ? (scope.lookup(value.slice(1)) ?? null) : value
}

describe('variables', () => {
  it('every level overrides all before it', () => {
    const sources: Sources = Object.fromEntries(
      PRECEDENCE.map((level, index) => [
        level,
        // each level defines its own variable and all those of weaker levels
        [dictLayer(level, new Map(PRECEDENCE.slice(0, index + 1).map((name) => [name, level])))],
      ]),
    )
    const layers = orderLayers(sources)
    for (const level of PRECEDENCE) {
      const weaker = layers.slice(PRECEDENCE.length - 1 - PRECEDENCE.indexOf(level))
      expect(findVariable(weaker, level)?.value).to.equal(level)
      expect(findVariable(layers, level)?.value).to.equal('magic variables')
    }
  })

  it('within a level the later layer is stronger, and so is the later source', () => {
    const layer = (value: string): ReturnType<typeof dictLayer> => dictLayer(value, new Map([['a', value]]))
    const layers = orderLayers({ 'task vars': [layer('1'), layer('2')] }, { 'task vars': [layer('3')] })
    expect(layers.map(({ source }) => source)).to.deep.equal(['3', '2', '1'])
    expect(findVariable(layers, 'a')).to.include({ value: '3', source: '3' })
  })

  it('a dictionary replaces a dictionary', () => {
    const layers = orderLayers({
      'play vars': [dictLayer('play vars', dict('d: {x: 1, y: 2}'))],
      'role defaults': [dictLayer('role defaults', dict('d: {z: 3}'))],
    })
    expect(findVariable(layers, 'd')?.value).to.deep.equal(dict('{x: 1, y: 2}'))
  })

  it('says where a value comes from', () => {
    const layers = [dictLayer('group_vars/web.yml', dict('a: 1\nb: 2', 'group_vars/web.yml'))]
    expect(findVariable(layers, 'b')).to.deep.equal({
      value: 2,
      templated: true,
      source: 'group_vars/web.yml',
      place: { file: 'group_vars/web.yml', line: 2, column: 4 },
    })
    expect(findVariable(layers, 'c')).to.equal(undefined)
  })

  it('null is a value', () => {
    const layers = orderLayers({
      'extra vars': [dictLayer('x', dict('a:'))],
      'role vars': [dictLayer('r', dict('a: 1'))],
    })
    expect(createScope(layers, render).lookup('a')).to.equal(null)
  })

  it('lists names once, without keys that are no text', () => {
    const layers = [dictLayer('a', dict('a: 1\n5: x\nb: 2')), computedLayer('m', new Map([['a', () => 1]]))]
    expect([...variableNames(layers)]).to.deep.equal(['a', 'b'])
  })

  describe('a scope', () => {
    it('evaluates what is templated, once, when it is asked for', () => {
      let count = 0
      const scope = createScope([dictLayer('v', dict('a: $b\nb: 5\nc: $missing'))], (value, inner) => {
        count++
        return render(value, inner)
      })
      expect(count).to.equal(0)
      expect(scope.lookup('a')).to.equal(5)
      expect(scope.lookup('a')).to.equal(5)
      expect(count).to.equal(2)
    })

    it('never evaluates data', () => {
      const layers = [
        dictLayer('facts', dict('a: $b'), { templated: false }),
        computedLayer('magic', new Map([['m', () => '$b']])),
        dictLayer('v', dict('b: 5')),
      ]
      const scope = createScope(layers, render)
      expect(scope.lookup('a')).to.equal('$b')
      expect(scope.lookup('m')).to.equal('$b')
    })

    it('computes a magic variable only when it is asked for', () => {
      let count = 0
      const scope = createScope([computedLayer('magic', new Map([['m', () => ++count]]))], render)
      expect([count, scope.lookup('m'), scope.lookup('m'), count]).to.deep.equal([0, 1, 1, 1])
    })

    it('refuses a circle and names every link', () => {
      const scope = createScope([dictLayer('v', dict('start: $a\na: $b\nb: $a'))], render)
      expect(refusal(() => scope.lookup('start'))).to.equal(
        'f.yml:2:4: variables refer to each other in a circle: a (f.yml:2:4) -> b (f.yml:3:4) -> a; ' +
          'give one of them another name; a variable cannot be defined by itself (expression-failed)',
      )
      expect(refusal(() => scope.lookup('b'))).to.match(/circle: b .* -> a .* -> b;/)
    })

    it('has no undefined name', () => {
      expect(createScope([], render).lookup('a')).to.equal(undefined)
    })
  })
})
