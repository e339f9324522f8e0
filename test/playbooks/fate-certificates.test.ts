import { expect } from 'chai'
import { execFileSync } from 'node:child_process'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { changes } from '../support/foretell.js'
import { useWorkplace } from '../support/workplace.js'
import type { Ran } from '../support/workplace.js'

const OURS = `plugin: fate_parties
osx_tls: true
exchange: {address: 10.0.0.9, peer_address: fate.example}
parties:
  - {id: 10000, address: 10.0.0.1}
  - {id: 9999, address: 10.0.0.2}
  - {id: 8888, managed: false, peer_address: 10.0.0.3}
`
const theirs = (address: string): string => `plugin: fate_parties
osx_tls: true
parties: [{id: 8888, address: ${address}}, {id: 10000, managed: false, peer_address: 10.0.0.1}]
`

/** No host is contacted by any of this. */
describe('certificates of FATE', function () {
  this.timeout(120_000)
  const workplace = useWorkplace()
  const made = (name: string, inventory = 'ours'): string =>
    workplace.path(`${inventory}/passwords/certificates/${name}.txt`)
  const sent = (name: string): string => workplace.path(`requests/${name}`)
  const certificate = (file: string): X509Certificate => new X509Certificate(readFileSync(file))
  const call = async (...more: string[]): Promise<Ran> =>
    workplace.run(['playbooks/certificates.yml', '-i', ...more])
  const ours = async (...more: string[]): Promise<Ran> => call(workplace.path('ours'), ...more)
  const signing = async (...more: string[]): Promise<Ran> => ours('-e', `requests=${sent('')}`, ...more)
  const requesting = async (...more: string[]): Promise<Ran> =>
    call(workplace.path('theirs'), '-e', `requests=${sent('')}`, '-e', 'own_ca=false', ...more)

  /** A dry run foretells what the run does, and the run after that does nothing. Gives what changed. */
  async function settles(run: typeof ours): Promise<string[]> {
    const foretold = await run('--check')
    expect(foretold.code, foretold.out).to.equal(0)
    const ran = await run()
    expect(ran.code, ran.out).to.equal(0)
    expect(changes(foretold.recap)).to.have.members(changes(ran.recap))
    const again = await run()
    expect([again.code, changes(again.recap)], again.out).to.deep.equal([0, []])
    return changes(ran.recap)
  }

  before(() => {
    workplace.write('ours/parties.yml', OURS)
    workplace.write('theirs/parties.yml', theirs('10.0.0.3'))
    mkdirSync(sent(''))
  })

  it('are foretold without anything being written', async () => {
    const { code, out } = await ours('--check', '--diff')
    expect(code, out).to.equal(0)
    expect(existsSync(workplace.path('ours/passwords'))).to.equal(false)
  })

  it('are made once, for the addresses of the inventory, and are closed to others', async () => {
    expect(await settles(ours)).to.have.length(13)
    for (const name of readdirSync(workplace.path('ours/passwords/certificates')))
      expect(statSync(made(name.replace('.txt', ''))).mode & 0o777, name).to.equal(0o600)
    expect(statSync(workplace.path('ours/passwords/certificates')).mode & 0o777).to.equal(0o700)
    expect(readFileSync(made('ca-key'), 'utf8')).to.match(/^-----BEGIN ENCRYPTED PRIVATE KEY-----/)
    const addresses = {
      10000: 'IP Address:10.0.0.1',
      9999: 'IP Address:10.0.0.2',
      exchange: 'DNS:fate.example',
    }
    for (const [id, address] of Object.entries(addresses)) {
      const one = certificate(made(id))
      expect([one.subject, one.subjectAltName, one.ca]).to.deep.equal([`CN=${id}`, address, false])
      const key = readFileSync(made(`${id}-key`), 'utf8')
      expect(key).to.match(/^-----BEGIN PRIVATE KEY-----/)
      expect(one.checkPrivateKey(createPrivateKey(key))).to.equal(true)
      expect((Date.parse(one.validTo) - Date.parse(one.validFrom)) / 86_400_000).to.equal(825)
      execFileSync('openssl', ['verify', '-x509_strict', '-CAfile', made('ca'), made(id)])
    }
  })

  it('are what osx_tls: true packs', async () => {
    const outputs = workplace.path('outputs')
    const argv = ['playbooks/generate.yml', '-i', workplace.path('ours'), '-e', `output_dir=${outputs}`]
    const { code, out } = await workplace.run([...argv, '-e', 'new_database=true'])
    expect(code, out).to.equal(0)
    for (const id of ['10000', 'exchange']) {
      const packed = (name: string): string =>
        readFileSync(`${outputs}/confs-${id}/confs/osx/conf/tls/${name}.pem`, 'utf8')
      expect(packed('ca')).to.equal(readFileSync(made('ca'), 'utf8'))
      expect(packed('certificate')).to.equal(readFileSync(made(id), 'utf8'))
      expect(packed('key')).to.equal(readFileSync(made(`${id}-key`), 'utf8'))
    }
  })

  it('are signed for another organisation, which keeps its key', async () => {
    expect(await settles(requesting)).to.have.length(4)
    expect(readdirSync(sent(''))).to.deep.equal(['8888.csr'])
    expect(await settles(signing)).to.have.length(2)
    expect(await settles(requesting)).to.have.length(1)
    const theirOwn = certificate(made('8888', 'theirs'))
    expect(theirOwn.checkPrivateKey(createPrivateKey(readFileSync(made('8888-key', 'theirs'))))).to.equal(
      true,
    )
    execFileSync('openssl', [
      'verify',
      '-x509_strict',
      '-CAfile',
      made('ca', 'theirs'),
      made('8888', 'theirs'),
    ])
    expect(theirOwn.subjectAltName).to.equal('IP Address:10.0.0.3')
    expect(readFileSync(made('ca', 'theirs'), 'utf8')).to.equal(readFileSync(made('ca'), 'utf8'))
  })

  it('are not signed for the address of somebody else', async () => {
    workplace.write('theirs/parties.yml', theirs('10.0.0.2'))
    const before = readFileSync(sent('8888.pem'), 'utf8')
    expect((await requesting()).code).to.equal(0)
    const { code, out } = await signing()
    expect(code, out).to.equal(2)
    expect(out).to.include('subjectAltName IP Address:10.0.0.3, the address that the inventory has for 8888')
    expect(readFileSync(sent('8888.pem'), 'utf8')).to.equal(before)
  })

  it('are renewed with the same key when few days are left', async () => {
    const before = certificate(made('10000'))
    const foretold = await ours('--check', '-e', 'renew_days=826')
    const { code, out, recap } = await ours('-e', 'renew_days=826')
    expect(code, out).to.equal(0)
    expect(changes(recap)).to.have.length(3)
    expect(changes(foretold.recap)).to.have.members(changes(recap))
    const after = certificate(made('10000'))
    expect(after.serialNumber).not.to.equal(before.serialNumber)
    expect(after.publicKey.equals(before.publicKey)).to.equal(true)
  })

  it('are not made anew because the key of the CA is lost or cannot be read', async () => {
    const ca = readFileSync(made('ca'), 'utf8')
    workplace.write('ours/passwords/certificates/ca-key.txt', 'not a key')
    const unread = await ours()
    expect(unread.code, unread.out).to.equal(2)
    rmSync(made('ca-key'))
    const { code, out } = await ours()
    expect(code, out).to.equal(2)
    expect(out).to.match(/needs its key ca-key\.txt beside it: bring it back/)
    expect(readFileSync(made('ca'), 'utf8')).to.equal(ca)
  })
})
