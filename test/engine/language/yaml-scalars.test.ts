import { expect } from 'chai'
import { Float } from '../../../engine/language/value.js'
import type { Value } from '../../../engine/language/value.js'
import { parseYaml } from '../../../engine/language/yaml.js'

function read(text: string): Value {
  return parseYaml(text, 'f.yml').value
}

describe('YAML reads plain scalars as PyYAML does', () => {
  // every right-hand side is what Python 3.11 with PyYAML 6 printed
  const cases: readonly (readonly [string, Value])[] = [
    ['y', 'y'],
    ['N', 'N'],
    ['yes', true],
    ['No', false],
    ['ON', true],
    ['off', false],
    ['oN', 'oN'],
    ['true', true],
    ['~', null],
    ['Null', null],
    ['none', 'none'],
    ['0644', 420],
    ['0o644', '0o644'],
    ['08', '08'],
    ['0x1F', 31],
    ['0b101', 5],
    ['-0644', -420],
    ['+12', 12],
    ['1_000', 1000],
    ['22:30', 1350],
    ['-1:30', -90],
    ['80:8080', '80:8080'],
    ['1.5', 1.5],
    ['1.0', new Float(1)],
    ['1.', new Float(1)],
    ['.5', 0.5],
    ['-.5', '-.5'],
    ['1e3', '1e3'],
    ['1.0e3', '1.0e3'],
    ['1.0e+3', new Float(1000)],
    ['1:30.5', 90.5],
    ['.inf', Infinity],
    ['-.INF', -Infinity],
    ['12345678901234567890', 12345678901234567890n],
    ['9007199254740993', 9007199254740993n],
    ['2024-01-31', '2024-01-31'],
    ['1.2.3', '1.2.3'],
    ['=', '='],
    ['!!str 5', '5'],
    ['!!int "5"', 5],
    ['!!float 5', new Float(5)],
    ['!!bool "yes"', true],
    ['"0644"', '0644'],
    ["'yes'", 'yes'],
  ]
  for (const [text, value] of cases) {
    it(text, () => expect(read(`a: ${text}`)).to.deep.equal(new Map([['a', value]])))
  }
  it('.nan', () => expect(read('.nan')).to.be.NaN)
  it('an empty value', () =>
    expect(read('a:\nb:')).to.deep.equal(
      new Map([
        ['a', null],
        ['b', null],
      ]),
    ))
  it('an empty file', () => expect(read('# nothing\n')).to.equal(null))
})
