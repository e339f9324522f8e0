import { expect } from 'chai'
import { X509Certificate } from 'node:crypto'
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { isUnknown } from '../../engine/unknown.js'
import type { Declaration } from '../../engine/module/declaration.js'
import { validateParams } from '../../engine/module/validate.js'
import { parseMoment, readCertificate, readRequest } from '../../engine/module/x509/signed.js'
import { encodeAlternative } from '../../engine/module/x509/names.js'
import { makeKey, writeKey } from '../../engine/module/private-key.js'
import csr from '../../modules/openssl_csr.js'
import key from '../../modules/openssl_privatekey.js'
import certificate from '../../modules/x509_certificate.js'
import { call, testHost, type TestHost } from '../support/envelope.js'

const HOSTILE = `it's "a" $(id) \`b\` \\ 甲方, 公司=1`
const dry = { checkMode: true }

/** A host with keys, as files `KIND.key`. */
function hostWithKeys(): TestHost {
  const host = testHost()
  const kinds = { ca: 'secp384r1', ec: 'secp256r1', other: 'secp256r1' }
  for (const [name, curve] of Object.entries(kinds)) {
    writeFileSync(
      `${host.folder}/${name}.key`,
      writeKey(makeKey({ type: 'ECC', size: 0, curve }), 'pkcs1', undefined),
    )
  }
  writeFileSync(`${host.folder}/rsa.key`, writeKey(makeKey({ type: 'RSA', size: 2048 }), 'pkcs8', 'pass'))
  writeFileSync(`${host.folder}/ed.key`, writeKey(makeKey({ type: 'Ed25519', size: 0 }), 'pkcs8', undefined))
  return host
}

/** A dry run that foretells, the run, and a run with nothing to do; gives what the run returned. */
async function settles(
  host: TestHost,
  module: unknown,
  params: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  const path = String(params['path'])
  const before = existsSync(path) ? readFileSync(path, 'utf8') : undefined
  const foreseen = await call(host, module, params, dry)
  expect(foreseen, foreseen.message).to.include({ status: 'changed' })
  expect(existsSync(path) ? readFileSync(path, 'utf8') : undefined, 'a dry run changes nothing').to.equal(
    before,
  )
  host.forecast.states.clear()
  const done = await call(host, module, params)
  expect(done, done.message).to.include({ status: 'changed' })
  expect(Object.keys(foreseen.values)).to.deep.equal(Object.keys(done.values))
  const again = await call(host, module, params)
  expect(again, again.message).to.include({ status: 'ok' })
  expect(again.values).to.deep.equal(done.values)
  expect(await call(host, module, params, dry)).to.include({ status: 'ok' })
  return { ...done.values }
}

describe('openssl_csr', () => {
  it('asks for what is wanted, in names, uses and identifiers, and leaves a request that does', async () => {
    const host = hostWithKeys()
    const path = `${host.folder}/-a b.csr`
    const given = {
      path, privatekey_path: `${host.folder}/rsa.key`, privatekey_passphrase: 'pass', country_name: 'CN', common_name: HOSTILE,
      organization_name: '银行', subject: new Map([['OU', ['a', 'b']]]), mode: 0o600,
      subject_alt_name: ['DNS:*.example.com', 'IP:10.0.0.1', 'IP:2001:db8::1', 'email:a@b.c', 'URI:https://h/x', 'RID:1.2.3.4'],
      key_usage: ['digitalSignature', 'Decipher Only'], key_usage_critical: true, extended_key_usage: ['serverAuth', '1.2.3.4.5'],
      basic_constraints: ['CA:TRUE', 'pathlen:0'], ocsp_must_staple: true, create_subject_key_identifier: true,
      authority_key_identifier: '00:ff',
    } // prettier-ignore
    const values = await settles(host, csr, given)
    expect(values['subject']).to.deep.equal([
      ['countryName', 'CN'], ['organizationName', '银行'], ['commonName', HOSTILE], ['organizationalUnitName', 'a'],
      ['organizationalUnitName', 'b'],
    ]) // prettier-ignore
    const request = readRequest(readFileSync(path, 'utf8'))!
    expect(request.isSigned).to.equal(true)
    expect(request.extensions).to.have.length(7)
    expect(statSync(path).mode & 0o777).to.equal(0o600)
    expect(
      (await call(host, csr, { ...given, subject_alt_name: [...given.subject_alt_name].reverse() })).status,
    ).to.equal('ok')
    for (const other of [
      { common_name: 'x' },
      { key_usage_critical: false },
      { subject_alt_name: ['DNS:a'] },
      { privatekey_path: `${host.folder}/ec.key`, privatekey_passphrase: undefined },
    ]) {
      expect((await call(host, csr, { ...given, ...other }, dry)).status, JSON.stringify(other)).to.equal(
        'changed',
      )
      host.forecast.states.clear()
    }
    if (spawnSync('openssl', ['version']).error) return
    const text = execFileSync('openssl', ['req', '-in', path, '-noout', '-text', '-verify'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    expect(text)
      .to.match(/Digital Signature, Decipher Only/)
      .and.match(/CA:TRUE, pathlen:0/)
    expect(text).to.match(
      /DNS:\*\.example\.com, IP Address:10\.0\.0\.1, IP Address:2001:DB8:0:0:0:0:0:1, email:a@b\.c, URI:https:\/\/h\/x, Registered ID:1\.2\.3\.4/,
    )
  })

  it('takes the common name for a name unless it shall not, and a request made by OpenSSL for what it says', async () => {
    const host = hostWithKeys()
    const given = {
      path: `${host.folder}/a.csr`,
      privatekey_path: `${host.folder}/ec.key`,
      common_name: 'h.example.com',
    }
    expect((await settles(host, csr, given))['subjectAltName']).to.deep.equal(['DNS:h.example.com'])
    expect(
      (await settles(host, csr, { ...given, use_common_name_for_san: false }))['subjectAltName'],
    ).to.equal(null)
    if (spawnSync('openssl', ['version']).error) return
    const words = [
      'req',
      '-new',
      '-key',
      given.privatekey_path,
      '-out',
      given.path,
      '-subj',
      '/C=CN/O=x/CN=h.example.com',
      '-addext',
      'subjectAltName=DNS:h.example.com',
      '-addext',
      'keyUsage=digitalSignature,keyEncipherment',
    ]
    execFileSync('openssl', words, { stdio: 'pipe' })
    const same = {
      ...given,
      country_name: 'CN',
      organization_name: 'x',
      key_usage: ['keyEncipherment', 'digitalSignature'],
    }
    const got = await call(host, csr, same)
    expect(got, got.message).to.include({ status: 'ok' })
  })

  it('foretells of a key that is still to be made, keeps backups, and refuses what cannot be', async () => {
    const host = hostWithKeys()
    const given = {
      path: `${host.folder}/a.csr`,
      privatekey_path: `${host.folder}/new.key`,
      common_name: 'x',
      return_content: true,
    }
    for (const checkMode of [true, false]) {
      expect((await call(host, csr, given, { checkMode })).message).to.match(
        /the private key .*new\.key does not exist; make it first/,
      )
    }
    const made = { path: given.privatekey_path, type: 'ECC', curve: 'secp256r1' }
    await call(host, key, made, dry)
    const foreseen = await call(host, csr, given, dry)
    expect(foreseen.status).to.equal('changed')
    expect(isUnknown(foreseen.values['csr'])).to.equal(true)
    expect((await call(host, csr, given, dry)).status, 'made by the first').to.equal('ok')
    host.forecast.states.clear()
    await call(host, key, made)
    await settles(host, csr, given)
    const forced = await call(host, csr, { ...given, force: true, backup: true })
    expect(readRequest(readFileSync(forced.values['backup_file'] as string, 'utf8'))!.isSigned).to.equal(true)
    const wrong = async (params: object): Promise<string | undefined> =>
      (await call(host, csr, { ...given, ...params })).message
    expect(await wrong({ country_name: 'China' })).to.match(/country_name "China" is not two letters/)
    expect(await wrong({ subject_alt_name: ['h'] })).to.match(/"h" is no alternative name; allowed: DNS:/)
    expect(await wrong({ subject_alt_name: ['IP:1.2.3'] })).to.match(/"1.2.3" is no IP address/)
    expect(await wrong({ subject_alt_name: ['DNS:例.com'] })).to.match(/not ASCII; .*xn--/)
    expect(await wrong({ key_usage: ['all'] })).to.match(/key_usage "all" is not known/)
    expect(await wrong({ subject: new Map([['XX', '1']]) })).to.match(/a subject has no "XX"/)
    expect(await wrong({ privatekey_path: `${host.folder}/rsa.key` })).to.match(/has another passphrase/)
    expect(await wrong({ state: 'absent' })).to.equal(undefined)
    expect(existsSync(given.path)).to.equal(false)
  })
})

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
