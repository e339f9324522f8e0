import { expect } from 'chai'
import { splitWords } from '../../../engine/module/words.js'

describe('words', () => {
  const cases: [string, string[]][] = [
    ['', []],
    ['  a   b ', ['a', 'b']],
    [`-o 'ProxyCommand=ssh -W %h:%p gate' -p 22`, ['-o', 'ProxyCommand=ssh -W %h:%p gate', '-p', '22']],
    [`-oUser="a \\"b\\" c"x`, ['-oUser=a "b" cx']],
    ['a\\ b \\"', ['a b', '"']],
    [`""`, ['']],
  ]
  for (const [line, words] of cases) {
    it(`of ${JSON.stringify(line)}`, () => expect(splitWords(line)).to.deep.equal(words))
  }
})
