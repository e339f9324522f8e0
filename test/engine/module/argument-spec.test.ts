import { expect } from 'chai'
import type { Dict } from '../../../engine/language/value.js'
import { parseYaml } from '../../../engine/language/yaml.js'
import { argumentDeclaration } from '../../../engine/module/argument-spec.js'
import { validateParams } from '../../../engine/module/validate.js'

const dict = (yaml: string): Dict => parseYaml(yaml, 'f.yml').value as Dict

const OPTIONS = `
level: {type: int, required: true, description: [How much., Or less.]}
mode: {choices: [fast, slow], default: slow}
ports: {type: list, elements: dict, options: {port: {type: int, required: yes}}}
secret: {no_log: true, type: int}
`

describe('argumentDeclaration', () => {
  const validate = (values: string) => {
    const declaration = argumentDeclaration(dict(OPTIONS))
    const { params, problems } = validateParams(declaration, dict(values), { name: 'role web' })
    return problems.length ? problems.map(({ message }) => message) : params
  }

  it('converts, fills in defaults, and leaves other variables alone', () => {
    expect(validate('{level: "3", ports: [{port: "80"}], other: x}')).to.deep.equal({
      level: 3,
      mode: 'slow',
      ports: [{ port: 80 }],
      other: 'x',
    })
  })

  it('refuses what does not fit', () => {
    expect(validate('{mode: quick, ports: [{}], secret: geheim}')).to.deep.equal([
      'role web needs the parameter "level"',
      'role web: "mode" is "quick"',
      'role web needs the parameter "port" in "ports[0]"',
      'role web: "secret" is not such a value',
    ])
  })
})
