import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { loadInventory } from '../../../engine/inventory/load.js'

describe('the inventory plugin constructed', () => {
  let folder: string
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'fplay-constructed-'))))
  afterEach(() => rmSync(folder, { recursive: true, force: true }))
  const refusal = async (text: string): Promise<string> => {
    writeFileSync(join(folder, 'c.yml'), `plugin: constructed\n${text}`)
    return loadInventory(['a,', join(folder, 'c.yml')]).then(
      () => 'accepted',
      (error: Error) => error.message,
    )
  }

  const cases: readonly (readonly [string, RegExp])[] = [
    ['keyed_group: []', /c\.yml:2:1: .*no key "keyed_group"; did you mean "keyed_groups"/],
    ['compose: [a]', /c\.yml:2:10: compose has a value of the wrong kind; allowed: a dictionary/],
    ['keyed_groups: [x]', /an entry of keyed_groups is no dictionary/],
    ['keyed_groups:\n  - {prefix: x}', /c\.yml:3:5: an entry of keyed_groups has no key/],
    ['keyed_groups:\n  - {key: x, prefx: y}', /c\.yml:3:14: .*did you mean "prefix"/],
    ['keyed_groups:\n  - {key: x, default_value: a, trailing_separator: true}', /exclude each other/],
    ['strict: maybe', /c\.yml:2:9: strict has a value/],
    ['strict: true\ncompose: {x: nope}', /c\.yml:3:14: the variable "x" of a: "nope" is undefined/],
    ['strict: true\ngroups: {g: nope}', /whether a is in "g": "nope" is undefined/],
    ['strict: true\nkeyed_groups: [{key: "\'\'"}]', /the key "''" is empty for a/],
    ['compose: {x: 1 +}', /c\.yml:2:\d+: .*\(template-syntax\)/],
    ['compose: {x: nope}', /^accepted$/],
  ]
  for (const [text, message] of cases) {
    it(`${message.source === '^accepted$' ? 'passes over' : 'refuses'} ${text.replaceAll('\n', ' ')}`, async () => {
      expect(await refusal(text)).to.match(message)
    })
  }
})
