import { expect } from 'chai'
import { X509Certificate } from 'node:crypto'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { Declaration } from '../../engine/module/declaration.js'
import { validateParams } from '../../engine/module/validate.js'
import { parseMoment, readCertificate } from '../../engine/module/x509/signed.js'
import { encodeAlternative } from '../../engine/module/x509/names.js'
import csr from '../../modules/openssl_csr.js'
import key from '../../modules/openssl_privatekey.js'
import certificate from '../../modules/x509_certificate.js'
import { call, testHost } from '../support/envelope.js'
import { dry, hostWithKeys, settles } from './certificate-hosts.js'

describe('openssl_csr and x509_certificate', () => {
  it('know before the run which digests there are', () => {
    const problems = (module: Declaration, name: string, digest: string): readonly string[] =>
      validateParams(module, new Map([[name, digest]]), { name: 'm' })
        .problems.map(({ message }) => message)
        .filter((message) => message.includes(name))
    for (const [module, name] of [
      [csr, 'digest'],
      [certificate, 'selfsigned_digest'],
      [certificate, 'ownca_digest'],
    ] as const) {
      expect(problems(module, name, 'md4')).to.deep.equal([`m: "${name}" is "md4"`])
      expect(problems(module, name, 'sha512')).to.deep.equal([])
    }
  })
})

describe('x509_certificate', () => {
  it('signs itself: with a request, without one, with each kind of key', async () => {
    for (const [name, passphrase] of [['ec', undefined], ['rsa', 'pass'], ['ed', undefined]] as const) {
      const host = hostWithKeys()
      const path = `${host.folder}/c.pem`
      const own = { privatekey_path: `${host.folder}/${name}.key`, privatekey_passphrase: passphrase }
      const given = { path, provider: 'selfsigned', selfsigned_not_after: '+10d', ...own }
      await settles(host, certificate, given)
      await call(host, csr, { path: `${host.folder}/c.csr`, common_name: 'h.example.com', ...own })
      const values = await settles(host, certificate, { ...given, csr_path: `${host.folder}/c.csr` })
      const made = new X509Certificate(readFileSync(path))
      expect(made.verify(made.publicKey), name).to.equal(true)
      expect(made.checkHost('h.example.com')).to.equal('h.example.com')
      expect(made.serialNumber.toLowerCase().replace(/^0+/, '')).to.equal((values['serial_number'] as bigint).toString(16))
      expect((Date.parse(made.validTo) - Date.parse(made.validFrom)) / 86400e3).to.equal(10)
      expect(values['notAfter']).to.match(/^\d{14}Z$/)
    } // prettier-ignore
  })

  it('is signed by an authority, and made anew when that or the request is another', async () => {
    const host = hostWithKeys()
    const at = (name: string): string => `${host.folder}/${name}`
    await call(host, csr, {
      path: at('ca.csr'),
      privatekey_path: at('ca.key'),
      common_name: 'ca',
      use_common_name_for_san: false,
      basic_constraints: ['CA:TRUE'],
      basic_constraints_critical: true,
      key_usage: ['keyCertSign'],
    })
    await settles(host, certificate, {
      path: at('ca.pem'),
      csr_path: at('ca.csr'),
      privatekey_path: at('ca.key'),
      provider: 'selfsigned',
    })
    await call(host, csr, { path: at('h.csr'), privatekey_path: at('ec.key'), common_name: 'h' })
    const given = {
      path: at('h.pem'),
      csr_path: at('h.csr'),
      provider: 'ownca',
      ownca_path: at('ca.pem'),
      ownca_privatekey_path: at('ca.key'),
      ownca_digest: 'sha384',
      return_content: true,
    }
    const values = await settles(host, certificate, given)
    const [ca, made] = [at('ca.pem'), at('h.pem')].map((path) => new X509Certificate(readFileSync(path)))
    expect(made!.checkIssued(ca!)).to.equal(true)
    expect(made!.verify(ca!.publicKey)).to.equal(true)
    expect(values).to.deep.include({
      ca_cert: at('ca.pem'),
      ca_privatekey: at('ca.key'),
      certificate: readFileSync(at('h.pem'), 'utf8'),
    })
    if (!spawnSync('openssl', ['version']).error) {
      const said = execFileSync('openssl', ['verify', '-x509_strict', '-CAfile', at('ca.pem'), at('h.pem')], {
        encoding: 'utf8',
      })
      expect(said).to.match(/OK/)
    }
    await call(host, csr, { path: at('h.csr'), privatekey_path: at('other.key'), common_name: 'h' })
    await settles(host, certificate, given)
    await call(host, certificate, {
      path: at('ca.pem'),
      csr_path: at('ca.csr'),
      privatekey_path: at('ca.key'),
      provider: 'selfsigned',
      force: true,
    })
    expect((await call(host, certificate, given)).status, 'the same key and name').to.equal('ok')
    await settles(host, certificate, { ...given, ownca_create_authority_key_identifier: false })
    const fixed = {
      ownca_not_before: '20260101000000Z',
      ownca_not_after: '2036-01-01 00:00:00',
      ignore_timestamps: false,
    }
    expect((await settles(host, certificate, { ...given, ...fixed }))['notBefore']).to.equal(
      '20260101000000Z',
    )
    expect(
      (await call(host, certificate, { ...given, ...fixed, ownca_not_after: '20370101000000Z' }, dry)).status,
    ).to.equal('changed')
  })

  it('foretells a chain of which nothing is there yet', async () => {
    const host = testHost()
    const at = (name: string): string => `${host.folder}/ssl/${name}`
    const tasks: readonly (readonly [unknown, Record<string, unknown>])[] = [
      [key, { path: at('k'), type: 'ECC', curve: 'secp256r1' }],
      [csr, { path: at('r'), privatekey_path: at('k'), common_name: 'x' }],
      [certificate, { path: at('c'), csr_path: at('r'), privatekey_path: at('k'), provider: 'selfsigned' }],
    ]
    mkdirSync(at(''))
    for (const expected of ['changed', 'ok']) {
      for (const [module, params] of tasks)
        expect((await call(host, module, params, dry)).status).to.equal(expected)
    }
    host.forecast.states.clear()
    for (const [module, params] of tasks) await call(host, module, params)
    const renewed = { ...tasks[0]![1], curve: 'secp384r1' }
    for (const [module, params] of [[key, renewed] as const, ...tasks.slice(1)]) {
      expect((await call(host, module, params, dry)).status, 'a new key brings a new chain').to.equal(
        'changed',
      )
    }
  })

  it('refuses what does not fit, and reads times', async () => {
    const host = hostWithKeys()
    const at = (name: string): string => `${host.folder}/${name}`
    await call(host, csr, { path: at('h.csr'), privatekey_path: at('ec.key'), common_name: 'h' })
    writeFileSync(at('junk'), '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n')
    const given = {
      path: at('h.pem'),
      csr_path: at('h.csr'),
      provider: 'selfsigned',
      privatekey_path: at('other.key'),
    }
    const wrong = async (params: object): Promise<string | undefined> =>
      (await call(host, certificate, { ...given, ...params })).message
    expect(await wrong({})).to.match(/the private key is not that of the request/)
    expect(await wrong({ csr_path: at('junk') })).to.match(/the request .*junk cannot be read/)
    expect(
      await wrong({ provider: 'ownca', ownca_path: at('junk'), ownca_privatekey_path: at('ca.key') }),
    ).to.match(/cannot be read/)
    expect(await wrong({ privatekey_path: at('ec.key'), selfsigned_not_after: 'soon' })).to.match(
      /the time "soon" cannot be read/,
    )
    expect(await wrong({ privatekey_path: at('ec.key'), selfsigned_not_after: '-1d' })).to.match(
      /end before it begins/,
    )
    const now = new Date('2026-01-01T00:00:00.5Z')
    expect(parseMoment('+1w1d1h1m1s', now).toISOString()).to.equal('2026-01-09T01:01:01.000Z')
    expect(parseMoment('-90', now).toISOString()).to.equal('2025-12-31T23:58:30.000Z')
    expect(parseMoment('20500101000000Z', now).toISOString()).to.equal('2050-01-01T00:00:00.000Z')
    expect(readCertificate('-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----')).to.equal(
      undefined,
    )
    expect(encodeAlternative('IP:::ffff:1.2.3.4').toString('hex')).to.equal(
      '871000000000000000000000ffff01020304',
    )
  })
})
