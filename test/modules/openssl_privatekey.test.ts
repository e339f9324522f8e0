import { expect } from 'chai'
import { createPrivateKey } from 'node:crypto'
import { readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import openssl from '../../modules/openssl_privatekey.js'
import { makeKey, writeKey } from '../../engine/module/private-key.js'
import type { Converged } from '../../engine/run/target.js'
import { isUnknown } from '../../engine/unknown.js'
import { call, testHost, type TestHost } from '../support/envelope.js'

const DRY = { checkMode: true }
const FAST = { type: 'RSA', size: 1024 }

describe('openssl_privatekey', () => {
  let host: TestHost
  let path = ''
  beforeEach(() => {
    host = testHost()
    path = join(host.folder, "a 'key'.pem")
  })
  afterEach(() => rmSync(host.folder, { recursive: true }))

  async function run(params: Readonly<Record<string, unknown>>, options = {}): Promise<Converged> {
    const done = await call(host, openssl, { path, ...params }, options)
    expect(JSON.stringify([done.diffs, done.values, done.message]), 'nothing secret is told').to.not.match(
      /BEGIN|[A-Za-z0-9+/]{60}/,
    )
    return done
  }

  for (const [params, label, type] of [
    [FAST, 'RSA PRIVATE KEY', 'rsa'],
    [{ type: 'ECC', curve: 'secp256r1' }, 'EC PRIVATE KEY', 'ec'],
    [{ type: 'ECC', curve: 'brainpoolP256r1', format: 'pkcs8' }, 'PRIVATE KEY', 'ec'],
    [{ type: 'Ed25519' }, 'PRIVATE KEY', 'ed25519'],
    [{ type: 'Ed448', format: 'auto' }, 'PRIVATE KEY', 'ed448'],
    [{ type: 'X25519' }, 'PRIVATE KEY', 'x25519'],
    [{ ...FAST, passphrase: 'pass word', cipher: 'auto' }, 'RSA PRIVATE KEY', 'rsa'],
    [{ type: 'X448', passphrase: 'p', format: 'pkcs8' }, 'ENCRYPTED PRIVATE KEY', 'x448'],
  ] as const) {
    it(`makes ${JSON.stringify(params)} once, for its owner only, as foretold`, async () => {
      const foretold = await run(params, DRY)
      expect(foretold).to.include({ status: 'changed' })
      expect(isUnknown(foretold.values['fingerprint'])).to.equal(true)
      expect((await run(params, DRY)).status, 'a dry run sees what it would have made').to.equal('ok')
      host.forecast.states.clear()
      const made = await run(params)
      expect(made, made.message).to.include({ status: 'changed' })
      const text = readFileSync(path, 'utf8')
      expect(text).to.match(new RegExp(`^-----BEGIN ${label}-----\n`))
      const passphrase = 'passphrase' in params ? params.passphrase : undefined
      expect(
        createPrivateKey({ key: text, ...(passphrase === undefined ? {} : { passphrase }) })
          .asymmetricKeyType,
      ).to.equal(type)
      expect(statSync(path).mode & 0o777).to.equal(0o600)
      const again = await run(params)
      expect(again, again.message).to.include({ status: 'ok' })
      expect(again.values['fingerprint']).to.deep.equal(made.values['fingerprint'])
      expect(again.values).to.include({ filename: path, type: params.type })
      expect((made.values['fingerprint'] as Record<string, string>)['sha256']).to.match(
        /^([0-9a-f]{2}:){31}[0-9a-f]{2}$/,
      )
      expect(readFileSync(path, 'utf8')).to.equal(text)
    })
  }

  it('makes raw keys, and shows none', async () => {
    const raw = { type: 'Ed25519', format: 'raw' }
    await run(raw)
    expect(readFileSync(path)).to.have.lengthOf(32)
    expect((await run(raw)).status).to.equal('ok')
    const old = readFileSync(path)
    const forced = await run({ ...raw, force: true })
    expect(JSON.stringify(forced.diffs)).to.contain('(binary, 32 bytes')
    expect(readFileSync(path).equals(old)).to.equal(false)
    expect((await run({ ...FAST, format: 'raw' })).message).to.equal(
      'a key of type RSA cannot be written raw',
    )
  })

  it('replaces a key that differs as far as regenerate lets it', async () => {
    const pem = (text: string | Buffer) => writeFileSync(path, text)
    const ec = writeKey(makeKey({ type: 'ECC', size: 0, curve: 'secp384r1' }), 'pkcs1', undefined)
    const locked = writeKey(makeKey({ type: 'Ed25519', size: 0 }), 'pkcs8', 'other')
    const verdict = async (content: string | Buffer, params: Readonly<Record<string, unknown>>) => {
      pem(content)
      const foretold = await run({ ...FAST, ...params }, DRY)
      host.forecast.states.clear()
      const done = await run({ ...FAST, ...params })
      expect(foretold.status, 'foretold').to.equal(done.status)
      return done.status === 'failed' ? done.message!.slice(path.length + 1) : done.status
    }
    for (const [regenerate, other, broken, passphrase] of [
      ['never', 'ok', 'is no private key', 'has another passphrase'],
      ['fail', 'is a key of another type, size or curve', 'is no private key', 'has another passphrase'],
      ['partial_idempotence', 'changed', 'is no private key', 'has another passphrase'],
      ['full_idempotence', 'changed', 'changed', 'changed'],
      ['always', 'changed', 'changed', 'changed'],
    ] as const) {
      expect(await verdict(ec, { regenerate }), `${regenerate}, another key`).to.match(
        new RegExp(`^${other}`),
      )
      expect(await verdict('rubbish', { regenerate }), `${regenerate}, broken`).to.match(
        new RegExp(`^${broken}`),
      )
      expect(
        await verdict(locked, { regenerate, type: 'Ed25519', passphrase: 'mine' }),
        `${regenerate}, locked`,
      ).to.match(new RegExp(`^${passphrase}`))
      expect(
        await verdict(locked, { regenerate, type: 'Ed25519' }),
        `${regenerate}, no passphrase given`,
      ).to.match(new RegExp(`^${passphrase}`))
    }
  })

  it('keeps a key of another format, converts it, or makes a new one', async () => {
    const key = makeKey({ type: 'RSA', size: 1024 })
    const pkcs8 = writeKey(key, 'pkcs8', undefined)
    writeFileSync(path, pkcs8)
    expect((await run(FAST)).status, 'auto_ignore').to.equal('ok')
    expect((await run({ ...FAST, format: 'auto', regenerate: 'fail' })).message).to.contain(
      'is written as pkcs8',
    )
    const converted = await run({ ...FAST, format: 'auto', format_mismatch: 'convert', backup: true })
    expect(converted, converted.message).to.include({ status: 'changed' })
    expect(readFileSync(path)).to.deep.equal(writeKey(key, 'pkcs1', undefined))
    expect(readFileSync(converted.values['backup_file'] as string)).to.deep.equal(pkcs8)
    await run({ ...FAST, format: 'pkcs8' })
    expect(readFileSync(path).equals(pkcs8), 'a new one').to.equal(false)
  })

  it('sees to mode and links, removes, and says what is in the way', async () => {
    await run(FAST)
    expect(await run({ ...FAST, mode: '0640' })).to.include({ status: 'changed' })
    expect(statSync(path).mode & 0o777).to.equal(0o640)
    expect((await run(FAST)).status, 'the mode is kept').to.equal('ok')
    const link = join(host.folder, 'link')
    symlinkSync(path, link)
    await run({ ...FAST, path: link, force: true })
    expect(statSync(path).mode & 0o777).to.equal(0o640)
    const gone = await run({ state: 'absent', backup: true })
    expect(gone).to.include({ status: 'changed' })
    expect(readFileSync(gone.values['backup_file'] as string, 'utf8')).to.contain('RSA PRIVATE KEY')
    expect((await run({ state: 'absent' })).status).to.equal('ok')
    expect((await run({ ...FAST, path: join(host.folder, 'none/x.pem') })).message).to.match(
      /the folder .*\/none does not exist/,
    )
    expect((await run({ ...FAST, path: host.folder })).message).to.match(/is no file/)
  })
})
