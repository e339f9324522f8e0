import { expect } from 'chai'
import { flagsWish, flagsWords, flagNames, lettersOf, readFlags } from '../../../engine/module/chattr.js'
import type { PathState } from '../../../engine/module/contract.js'
import { pureView } from '../../support/pure-view.js'

const view = pureView({})
const FILE: PathState = { type: 'file', real: '/srv/a' }
const wish = (attributes: string, state = FILE, type: 'file' | 'link' = 'file') =>
  flagsWish(attributes, view, state, type)

describe('attributes of the file system', () => {
  it('are added, removed or set exactly', () => {
    expect(wish('+iA')).to.deep.equal({ '+i': true, '+A': true })
    expect(wish('-i')).to.deep.equal({ '+i': false })
    for (const exact of ['dA', '=Ad']) {
      const wished = wish(exact) as Record<string, unknown>
      expect(lettersOf(wished)).to.equal('dA')
      expect(wished).to.include({ '+i': false, '+e': false, '+d': true })
    }
    for (const none of ['', '=']) expect(lettersOf({ ...wish(none) }, 'ie')).to.equal('')
  })

  it('are refused with the cure where there are none', () => {
    expect(() => wish('+y')).to.throw('chattr failed: chattr knows no attribute "y"')
    expect(() => wish('+')).to.throw('names no attribute')
    expect(() => wish('+i', FILE, 'link')).to.throw('links have no attributes')
    expect(() => wish('+i', { ...FILE, flagless: 'program' })).to.throw('the host has no chattr')
    expect(() => wish('+i', { ...FILE, flagless: 'file system' })).to.throw(
      'the file system has no attributes',
    )
    const folder: PathState = { type: 'directory', real: '/srv', flagless: 'file system' }
    const within = { ...view, parent: () => folder }
    const absent: PathState = { type: 'absent', real: '/srv/new' }
    expect(() => flagsWish('+i', within, absent, 'file')).to.throw('the file system has no attributes')
  })

  it('are read from lsattr and written for chattr', () => {
    const state = readFlags('----i---------eI------')
    expect(state).to.include({ '+i': true, '+e': true, '+I': true, '+a': false })
    expect(lettersOf(state)).to.equal('iIe')
    expect(lettersOf({ '+i': false, '+A': true }, 'ie')).to.equal('Ae')
    expect(flagNames('ieV')).to.deep.equal(['immutable', 'extents'])
    expect(flagsWords({ '+i': true, '+d': false, mode: 5 })).to.deep.equal(['+i', '-d'])
    expect(flagsWords({ '+i': true, '+d': false }, ['+d'])).to.deep.equal(['-d'])
  })
})
