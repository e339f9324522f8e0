import { Ajv } from 'ajv'
import { expect } from 'chai'
import { Fail, type Ask, type Module } from '../../engine/module/contract.js'
import type { ParamSpec, ParamTable } from '../../engine/module/params.js'
import { createRegistry } from '../../engine/module/registry.js'
import { paramSchema } from '../../engine/module/schema.js'
import { validateParams } from '../../engine/module/validate.js'
import { isDict, keyText, type Dict, type Value } from '../../engine/language/value.js'
import { parseYaml } from '../../engine/language/yaml.js'
import { withDefaults } from '../support/envelope.js'

/** The same promises, asked of every module. */
const registry = createRegistry()
await registry.load(registry.names)

for (const name of registry.names) {
  const module = registry.get(name)
  describe(`module ${name}`, () => {
    it('is described: a summary, and a sentence for each parameter and each returned value', () => {
      expect(module.summary).to.match(/^[A-Z].*[^.]$/)
      expect(module.description ?? 'None.').to.match(/[.)]$/)
      for (const [path, { description }] of specs(module.params)) {
        expect(description, path).to.match(/^\S.*[.)`\]]$/s)
      }
      expect(Object.keys(module.returns)).to.not.be.empty
      for (const [value, text] of Object.entries(module.returns)) expect(text, value).to.match(/\S/)
    })

    it('has a valid schema', () => {
      const schemas = new Ajv({ allowUnionTypes: true })
      expect(schemas.validateSchema(paramSchema(module)), schemas.errorsText()).to.equal(true)
    })

    it('is declared in order: names, aliases, choices, defaults, rules', () => {
      const names = Object.keys(module.params)
      const all = [...names, ...names.flatMap((param) => module.params[param]!.aliases ?? [])]
      expect(new Set(all).size, 'a name or alias is there twice').to.equal(all.length)
      for (const [path, spec] of specs(module.params)) {
        expect(path).to.match(/^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$/i)
        expect(
          spec.required === true && spec.default !== undefined,
          `${path} is required and has a default`,
        ).to.equal(false)
        expect(wrongChoices(spec), `default of ${path}`).to.deep.equal([])
      }
      if (module.freeForm !== undefined) expect(names).to.include(module.freeForm)
      expect(ruleNames(module).filter((param) => !names.includes(param))).to.deep.equal([])
      expect(
        Object.values(module.params)
          .flatMap(({ searched }) => searched?.unless ?? [])
          .filter((param) => !names.includes(param)),
      ).to.deep.equal([])
    })

    it('has examples that are tasks with parameters it takes', () => {
      const tasks = parseYaml(module.examples, `examples of ${name}`).value as Value[]
      expect(tasks).to.be.an('array').and.not.be.empty
      const calls = tasks.flatMap((task) =>
        [...(task as Dict)].filter(([key]) => key === name).map(([, value]) => value),
      )
      expect(calls).to.not.be.empty
      for (const value of calls) {
        const given = isDict(value)
          ? value
          : new Map(value === null ? [] : [[module.freeForm ?? 'free form', value]])
        const { problems } = validateParams(module, withoutTemplates(given, module), { name })
        expect(problems.map(({ message }) => message)).to.deep.equal([])
      }
    })

    it('asks without writing', () => {
      for (const ask of asksOf(module)) {
        if (ask.kind === 'own') expect(writes(ask.script.text), ask.script.text).to.deep.equal([])
      }
    })
  })
}

/** All parameters with their options, by dotted path. */
function specs(table: ParamTable, start = ''): readonly (readonly [string, ParamSpec])[] {
  return Object.entries(table).flatMap(([name, spec]) => [
    [`${start}${name}`, spec] as const,
    ...specs(spec.options ?? {}, `${start}${name}.`),
  ])
}

function wrongChoices({ default: value, choices }: ParamSpec): readonly unknown[] {
  if (value === undefined || choices === undefined) return []
  return (Array.isArray(value) ? (value as unknown[]) : [value]).filter(
    (item) => !choices.includes(item as string),
  )
}

function ruleNames({ rules = {} }: Module): readonly string[] {
  const { exclusive = [], together = [], oneOf = [], requiredIf = [], requiredBy = {} } = rules
  return [
    ...[...exclusive, ...together, ...oneOf].flat(),
    ...requiredIf.flatMap(([name, , names]) => [name, ...names]),
    ...Object.entries(requiredBy).flatMap(([name, names]) => [name, ...names]),
  ]
}

/** An expression stands for a value of the right kind: where text would not do, it is left out. */
function withoutTemplates(given: Dict, { params }: Module): Dict {
  const kept = [...given].filter(([key, value]) => {
    const type = params[keyText(key)]?.type ?? 'str'
    return typeof value !== 'string' || !/^\{\{.*\}\}$/.test(value) || /str|path|raw|list/.test(type)
  })
  return new Map(kept)
}

/** What the module asks when it is called as in its examples, as far as that needs nothing of the controller. */
function asksOf(module: Module): readonly Ask[] {
  const tasks = parseYaml(module.examples, 'examples').value as Value[]
  return tasks.flatMap((task) =>
    [...(task as Dict).values()].flatMap((value): readonly Ask[] => {
      if (!isDict(value) || module.prepare !== undefined || module.probe === undefined) return []
      const { params, problems } = validateParams(module, value, { name: 'example' })
      return problems.length > 0 ? [] : askedOf(module, params)
    }),
  )
}

/** None where a template stands for a value that the module would refuse. */
function askedOf(module: Module, params: Readonly<Record<string, unknown>>): readonly Ask[] {
  try {
    return module.probe!(withDefaults(module, params) as never, undefined)
  } catch (error) {
    if (error instanceof Fail) return []
    throw error
  }
}

/** Words at the place of a command that change a host, and redirections to files. */
function writes(script: string): readonly string[] {
  const outside = script
    .replace(/\brm -f -- "\$M"/g, '')
    .replace(/>>?\s*(?:\/dev\/null|&\d|&"?\$)|<>\\?"/g, '')
  const commands =
    /(?:^|[;&|({]|\bthen|\bdo|\belse)\s*(rm|mv|cp|ln|mkdir|rmdir|touch|chmod|chown|chgrp|tee|truncate|kill|dd|sed -i|useradd|usermod|userdel|groupadd|adduser|install)\b/gm
  const quoted = outside.replace(/'(?:[^']|'\\'')*'/g, "''")
  return [
    ...[...quoted.matchAll(commands)].map((match) => match[1]!),
    ...[...quoted.matchAll(/(?<![-=<])>+\s*\S+/g)].map(([text]) => text),
  ]
}
