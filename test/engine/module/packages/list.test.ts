import { expect } from 'chai'
import { Fail } from '../../../../engine/module/contract.js'
import { listAsk, MANAGERS, packagesIn } from '../../../../engine/module/packages/list.js'
import { isUnknown } from '../../../../engine/unknown.js'

const read = (stdout: string, first = true) => listAsk(MANAGERS, first).read({ stdout, stderr: '', code: 0 })
const DEBIAN =
  'apt\nbash\t5.2.15-2+b2\tamd64\tshells\tinstall ok installed\nold\t1\tall\tadmin\tdeinstall ok config-files\n'
const RPM =
  'rpm\nbash\t5.1.8\t6.el9\t(none)\tx86_64\nkernel\t5.14.0\t1.el9\t(none)\tx86_64\nkernel\t5.14.0\t2.el9\t(none)\tx86_64\nbind\t9.16\t1\t32\tx86_64\n'

describe('a list of packages', () => {
  it('is read from dpkg, rpm and apk', () => {
    expect(packagesIn(read(DEBIAN), MANAGERS)).to.deep.equal({
      bash: [{ name: 'bash', version: '5.2.15-2+b2', arch: 'amd64', category: 'shells', source: 'apt' }],
    })
    const rpm = packagesIn(read(RPM), MANAGERS)
    expect(rpm['bash']).to.deep.equal([
      { name: 'bash', version: '5.1.8', release: '6.el9', epoch: null, arch: 'x86_64', source: 'rpm' },
    ])
    expect(rpm['bind']![0]).to.include({ epoch: 32 })
    expect(rpm['kernel'], 'there may be several').to.have.lengthOf(2)
    expect(packagesIn(read('apk\nbusybox-1.36.1-r15\npy3-six-1.16.0-r6\n'), MANAGERS)).to.deep.equal({
      busybox: [{ name: 'busybox', version: '1.36.1', release: 'r15', source: 'apk' }],
      'py3-six': [{ name: 'py3-six', version: '1.16.0', release: 'r6', source: 'apk' }],
    })
  })

  it('is of the first manager, or of all', () => {
    expect(packagesIn(read(DEBIAN + RPM), MANAGERS)).to.have.all.keys('bash')
    expect(packagesIn(read(DEBIAN + RPM, false), MANAGERS)['bash']).to.have.lengthOf(2)
    expect(() => packagesIn(read(''), MANAGERS)).to.throw(
      Fail,
      'the host has none of these package managers: apt, rpm, apk',
    )
  })

  it('has what earlier tasks of a dry run would have changed', () => {
    const state = { ...read(DEBIAN), bash: 'absent', new: '2.0', 'new manual': false }
    const { new: [foreseen] = [], ...rest } = packagesIn(state, MANAGERS) // prettier-ignore
    expect(rest).to.deep.equal({})
    expect(foreseen).to.include({ name: 'new', version: '2.0', source: 'apt' })
    expect(isUnknown(foreseen!['arch'])).to.equal(true)
  })
})
