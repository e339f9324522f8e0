import { expect } from 'chai'
import { certificate, newKey, pem, type CertificateOf, type Signer } from '../support/certificates.js'
import { useWorkplace } from '../support/workplace.js'

const ROOT: Signer = { name: 'root', key: newKey() }
const STRANGER: Signer = { name: 'stranger', key: newKey() }
/** Of the root's name, and nothing else of it. */
const IMPOSTOR: Signer = { name: 'root', key: newKey() }
const BETWEEN: Signer = { name: 'between', key: newKey() }
const root = certificate({ ...ROOT, by: ROOT, isCa: true })
const between = certificate({ ...BETWEEN, by: ROOT, isCa: true })
const key = newKey()
const own = (more: Partial<CertificateOf> = {}): string => certificate({ key, by: ROOT, ...more })
const good = own()

/** Files by case: certificate, key, CA and address where they are not the right ones, and what is said of them. */
const CASES: Readonly<Record<string, { certificate?: string; key?: string; ca?: string; address?: string; says: RegExp | null }>> = {
  right: { says: null },
  'that ends soon': { certificate: own({ to: 9 }), says: null },
  'of a use that includes both': { certificate: own({ uses: ['serverAuth', 'clientAuth'] }), says: null },
  'by name': { certificate: own({ addresses: ['DNS:fate.example'] }), address: 'fate.example', says: null },
  'over a CA in between': { certificate: own({ by: BETWEEN }) + between, says: null },
  'with two CAs': { ca: certificate({ ...STRANGER, by: STRANGER, isCa: true }) + root, says: null },
  'trusted itself': { certificate: own({ by: { name: 'party', key } }), ca: own({ by: { name: 'party', key } }), says: null },
  'a key of another': { key: pem(newKey()), says: /key\.pem is not the key of \S+certificate\.pem/ },
  'out of date': { certificate: own({ from: -9, to: -2 }), says: /certificate\.pem: the certificate of CN=party ended at/ },
  'of tomorrow': { certificate: own({ from: 2 }), says: /of CN=party counts only from .* on/ },
  'a CA out of date': { ca: certificate({ ...ROOT, by: ROOT, isCa: true, from: -9, to: -2 }), says: /ca\.pem: the certificate of CN=root ended at/ },
  'of a stranger': { certificate: own({ by: STRANGER }), says: /is not signed by a CA of \S+ca\.pem \(CN=root\): CN=stranger has signed it/ },
  'of an impostor': { certificate: own({ by: IMPOSTOR }), says: /is not signed by a CA of \S+ca\.pem/ },
  'without the one in between': { certificate: own({ by: BETWEEN }), says: /CN=between has signed it; put that CA into .*, or, where others signed in between/ },
  'for another address': { address: '10.0.0.2', says: /is not for 10\.0\.0\.2, .* subjectAltName IP:10\.0\.0\.2; it has IP Address:10\.0\.0\.1/ },
  'for an address, called by name': { address: 'fate.example', says: /subjectAltName DNS:fate\.example; it has/ },
  'with its name as subject only': { certificate: own({ name: 'fate.example' }), address: 'fate.example', says: /is not for fate\.example/ },
  'for servers only': { certificate: own({ uses: ['serverAuth'] }), says: /may not be used for clientAuth/ },
  'no certificate': { certificate: pem(key), says: /certificate\.pem holds no certificate/ },
  'a damaged one': { certificate: good.replace(/\n[^\n]{20}/, '\n'), says: /certificate\.pem holds a certificate that cannot be read/ },
  'a key with a passphrase': { key: pem(key, 'pkcs8', 'secret'), says: /key\.pem has a passphrase.*nocrypt/ },
  'a key that is not PKCS 8': { key: pem(key, 'sec1'), says: /key\.pem is no key in PKCS 8: openssl pkcs8/ },
  'no key': { key: good, says: /key\.pem holds no private key/ },
  'an empty CA': { ca: '', says: /ca\.pem holds no certificate/ },
} // prettier-ignore

/** No host is contacted by any of this. */
describe('files of osx_tls', function () {
  this.timeout(60_000)
  const workplace = useWorkplace()

  it('are held against each other, the calendar and the address, and a wrong one is named with its cure', async () => {
    const tasks = Object.entries(CASES).map(([name, one], index) => {
      const parts = { certificate: good, key: pem(key), ca: root, address: '10.0.0.1', ...one }
      const file = (part: 'certificate' | 'key' | 'ca'): string =>
        workplace.write(`${index}/${part}.pem`, parts[part], 0o600)
      const given = {
        certificate: file('certificate'),
        key: file('key'),
        ca: file('ca'),
        address: parts.address,
      }
      return { name, osx_certificates: given, ignore_errors: true }
    })
    const play = [{ hosts: 'localhost', gather_facts: false, tasks }]
    const argv = [workplace.write('certificates.yml', JSON.stringify(play)), '-M', 'playbooks/library']
    const { code, out, err } = await workplace.run(argv)
    expect(code, out).to.equal(0)
    const told = out.split(/^TASK /m).slice(1)
    for (const [index, [name, { says }]] of Object.entries(CASES).entries()) {
      const text = told[index]!
      expect(text).to.include(`[${name}]`)
      if (says === null) expect(text).to.match(/^ok: \[localhost\]/m)
      else
        expect(text)
          .to.match(/^failed, ignored/m)
          .and.match(says)
    }
    expect(out + err).to.match(/certificate\.pem, or what signed it, ends in \d days: have a new one made/)
    expect(out).not.to.include('PRIVATE KEY-----\n')
  })

  it('are looked at before deploy, preflight and generate contact a host, for the exchange too', async () => {
    const tls = (name: string): string =>
      `osx_tls: {ca: ${workplace.write('ca.pem', root)}, certificate: ${workplace.write(`${name}.pem`, own({ name }))}, key: ${workplace.write('own.pem', pem(key))}}`
    workplace.write(
      'inventory/parties.yml',
      `plugin: fate_parties\n${tls('exchange')}\nexchange: 192.0.2.9\nparties:\n  - {id: 10000, address: 192.0.2.1, ${tls('10000')}}\n`,
    )
    for (const playbook of ['deploy', 'preflight', 'generate']) {
      const outputs = `output_dir=${workplace.path('outputs')}`
      const argv = [`playbooks/${playbook}.yml`, '-i', workplace.path('inventory'), '-e', outputs]
      const { code, out } = await workplace.run(argv)
      expect(code, out).to.equal(2)
      expect(out)
        .to.match(/10000\.pem is not for 192\.0\.2\.1/)
        .and.match(/exchange\.pem is not for 192\.0\.2\.9/)
      expect(out).not.to.match(/unreachable=1|PLAY \[Prepare|PLAY \[Look|PLAY \[Render/)
    }
  })
})
