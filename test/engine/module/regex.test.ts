import { expect } from 'chai'
import { Fail } from '../../../engine/module/contract.js'
import { expandMatch, regexOf } from '../../../engine/module/regex.js'

describe('regular expressions of modules', () => {
  it('end lines at line feeds only, as Python does', () => {
    expect(regexOf('a$', 'm').search('a\r\n')).to.equal(undefined)
    expect(regexOf('^b', 'm').search('a\rb')).to.equal(undefined)
    expect(regexOf('a.b').search('a\rb')?.[0]).to.equal('a\rb')
    expect(regexOf('a$', 'm').search('a\nb')?.index).to.equal(0)
    expect(regexOf('a$').search('a\n')?.index).to.equal(0)
  })

  it('replace every match, groups filled in, and count them', () => {
    expect(regexOf('(?P<k>\\w)=').substitute('a=1 b=2', '\\g<k>: ')).to.deep.equal({
      text: 'a: 1 b: 2',
      count: 2,
    })
    expect(regexOf('x*').substitute('abxd', '-')).to.deep.equal({ text: '-a-b--d-', count: 5 })
  })

  it('fail with the pattern, or the group, in the message', () => {
    expect(() => regexOf('[')).to.throw(Fail, '"[" is not a regular expression')
    expect(() => expandMatch(regexOf('a').search('a')!, '\\1')).to.throw(Fail, 'no group "1"')
  })
})
