import { expect } from 'chai'
import { IMAGES, imageReference, readRegistry } from '../../../plugins/fate/images.js'
import type { ImageChoice } from '../../../plugins/fate/images.js'

/** The reference of an image under a choice that differs from the usual one as said. */
function reference(image: string, more: Partial<ImageChoice> = {}): string {
  const usual = { version: '2.2', registry: '', suffix: '', sparkFlow: false, given: new Map() } as const
  return imageReference(image, { ...usual, ...more }).reference
}

const osx = (registry: string): string => reference('osx', { registry })

describe('images', () => {
  it('are those of Docker Hub without a registry', () => {
    const known = Object.keys(IMAGES)
      .filter((name) => IMAGES[name]!.confirmed)
      .map((name) => [name, reference(name)])
    expect(Object.fromEntries(known)).to.deep.equal({
      mysql: 'mysql:8.0.28',
      eggroll: 'federatedai/eggroll:3.2.0-release',
      osx: 'federatedai/osx:2.2.0-release',
      fateflow: 'federatedai/fateflow:2.2.0-release',
      fateboard: 'federatedai/fateboard:2.1.1-release',
    })
  })

  it('keep their names on a mirror and lose their namespace in a project', () => {
    expect(osx('hub.c.163.com')).to.equal('hub.c.163.com/federatedai/osx:2.2.0-release')
    expect(osx('192.168.10.1/federatedai')).to.equal('192.168.10.1/federatedai/osx:2.2.0-release')
    expect(reference('mysql', { registry: '192.168.10.1/federatedai' })).to.equal(
      '192.168.10.1/federatedai/mysql:8.0.28',
    )
  })

  it('get the suffix of their variant where they have variants', () => {
    const suffix = '-nn-gpu'
    expect(reference('eggroll', { suffix })).to.equal('federatedai/eggroll-nn-gpu:3.2.0-release')
    expect(reference('osx', { suffix })).to.equal('federatedai/osx:2.2.0-release')
    expect(reference('fateflow', { suffix, sparkFlow: true })).to.equal(
      'federatedai/fateflow-spark-nn-gpu:2.2.0-release',
    )
    const given = new Map([['fateflow', 'mine/fateflow:1']])
    expect(reference('fateflow', { suffix, given })).to.equal('mine/fateflow:1')
    const parts = new Map([['fateflow', new Map([['tag', '2.2.1']])]])
    expect(reference('fateflow', { suffix, given: parts })).to.equal('federatedai/fateflow-nn-gpu:2.2.1')
  })

  it('stay where they are when they name a registry of their own', () => {
    const given = new Map([['osx', 'localhost:5000/osx:1']])
    expect(reference('osx', { registry: '10.0.0.1/x', given })).to.equal('localhost:5000/osx:1')
  })
})

describe('a registry', () => {
  it('loses scheme, blanks and slashes at its ends', () => {
    expect(readRegistry(' https://192.168.10.1/federatedai// ')).to.equal('192.168.10.1/federatedai')
    expect(readRegistry('')).to.equal('')
    expect(readRegistry('localhost:5000')).to.equal('localhost:5000')
  })

  it('is refused when Docker would take it for a namespace of the hub, or for no name at all', () => {
    expect(readRegistry('federatedai')).to.have.property('message').that.includes('namespace of Docker Hub')
    expect(readRegistry('10.0.0.1/FATE')).to.have.property('allowed')
    expect(readRegistry('10.0.0.1//a')).to.have.property('allowed')
  })
})
