import { expect } from 'chai'
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { isUnknown } from '../../engine/unknown.js'
import { readRequest } from '../../engine/module/x509/signed.js'
import csr from '../../modules/openssl_csr.js'
import key from '../../modules/openssl_privatekey.js'
import { call } from '../support/envelope.js'
import { dry, HOSTILE, hostWithKeys, settles } from './certificate-hosts.js'

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
