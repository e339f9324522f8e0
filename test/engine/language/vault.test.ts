import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import fc from 'fast-check'
import { createVault } from '../../../engine/language/vault.js'
import { readEnvelope, sealEnvelope } from '../../../engine/language/vault-format.js'
import { readVaultPasswords } from '../../../engine/language/vault-password.js'
import { createSecrets } from '../../../engine/secrets.js'
import { rejectionOf } from '../../support/refusals.js'

// both were made by ansible-vault of ansible-core 2.14 with the password "pw"
const PLAIN = 'hällo: "wörld"\nkey: 0123456789012345678901234567890123456789\n'
const V11 = `$ANSIBLE_VAULT;1.1;AES256
31616561636433633265366263386265323131323831626662363031316266346136396234653035
3331383435336133666431623233393036386133303531320a616537633465323236376262346665
32323737353163646233316662646263666233643561326635343062623066383736366633353032
3866333532653539370a336466303439653638346562366662363439343131306439346437383464
37636133366437326564653739373736343835333732663566396362663962316664313736396431
30666536613261653338333936656166323566343931663863666261396433316333306364363930
663262656534306239383665323063383965
`
const V12 = `$ANSIBLE_VAULT;1.2;AES256;prod
62356464326666373762316635623637386439333866343532303237393632393735346264623161
3165376335663035663232336661323931363462326364320a386563343164626330326336393831
36303030343336333235306437633161373239616662663561333239393766316165656161613064
3961323133646231370a623232373335646633313061303430383735666338383763613238386132
38633632363330323239393539633339636565616362313263323536636239323263326662646437
39363633373032316462353630653639303137303232656530373837313363333032313866333930
316338303465386563356464363235613531
`
const PLACE = { file: 'v.yml', line: 3, column: 5 }
const PW = { id: 'default', password: 'pw' }
const secrets = createSecrets()

async function refusal(run: () => unknown): Promise<string> {
  return (await rejectionOf((async () => run())())).message
}

describe('vault', () => {
  it('opens what ansible-vault made', () => {
    const vault = createVault([PW], secrets)
    expect(vault.decrypt(V11, PLACE)).to.equal(PLAIN)
    expect(vault.decrypt(V12, PLACE)).to.equal(PLAIN)
    expect(vault.decrypt(V11.replaceAll('\n', '\r\n  '), PLACE)).to.equal(PLAIN)
  })

  it('makes the very bytes that ansible-vault made', () => {
    for (const [text, id] of [
      [V11, undefined],
      [V12, 'prod'],
    ] as const) {
      const envelope = readEnvelope(text)
      if (typeof envelope === 'string') throw new Error(envelope)
      expect(sealEnvelope(Buffer.from(PLAIN), 'pw', id, envelope.salt)).to.equal(text)
    }
  })

  it('encrypts under the id that is asked for', async () => {
    const vault = createVault([PW, { id: 'prod', password: 'other' }], secrets)
    expect(vault.encrypt('x')).to.match(/^\$ANSIBLE_VAULT;1\.1;AES256\n/)
    expect(vault.encrypt('x', 'prod')).to.match(/^\$ANSIBLE_VAULT;1\.2;AES256;prod\n/)
    expect(vault.decrypt(vault.encrypt('x', 'prod'), PLACE)).to.equal('x')
    expect(await refusal(() => vault.encrypt('x', 'dev'))).to.match(/no vault password with the id "dev"/)
  })

  it('returns any bytes unharmed', () => {
    const vault = createVault([PW], secrets)
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const plain = vault.decryptBytes(vault.encrypt(Buffer.from(bytes)), PLACE)
        expect(Buffer.compare(plain, Buffer.from(bytes))).to.equal(0)
      }),
      { numRuns: 20 },
    )
  })

  describe('refuses', () => {
    const cases: readonly (readonly [string, string, readonly { id: string; password: string }[], RegExp])[] =
      [
        [
          'without a password',
          V12,
          [],
          /^v\.yml:3:5: .*vault id "prod" and no vault password was given.*\(vault-password\)$/,
        ],
        [
          'a wrong password',
          V11,
          [{ id: 'dev', password: 'x' }],
          /none of the vault passwords opens it; tried: "dev"/,
        ],
        ['a changed text', V11.replace('616561', '616562'), [PW], /\(vault-password\)$/],
        ['a text that is cut off', V11.slice(0, 150), [PW], /damaged or cut off.*\(vault-format\)$/],
        ['another cipher', V11.replace('AES256', 'AES'), [PW], /cipher AES is not known/],
        ['another version', V11.replace('1.1', '2.0'), [PW], /format 2\.0 is not known/],
        ['what is no vault text', 'hello', [PW], /begins with \$ANSIBLE_VAULT/],
      ]
    for (const [what, text, passwords, message] of cases) {
      it(what, async () => {
        expect(await refusal(() => createVault(passwords, secrets).decrypt(text, PLACE))).to.match(message)
      })
    }
  })

  describe('passwords', () => {
    const folder = mkdtempSync(join(tmpdir(), 'fplay-vault-'))
    const write = (name: string, text: string, mode: number): string => {
      writeFileSync(join(folder, name), text)
      chmodSync(join(folder, name), mode)
      return join(folder, name)
    }
    const ask = (id: string): Promise<string> => Promise.resolve(`typed for ${id} `)

    it('come from files, scripts and the prompt', async () => {
      const file = write('pw', ' from file \n', 0o600)
      const script = write('script', '#!/bin/sh\necho "from script$1"\n', 0o700)
      const client = write('keyring-client.sh', '#!/bin/sh\necho "$1 $2"\n', 0o700)
      const sources = [file, `dev@${script}`, `prod@${client}`, 'prompt', 'stage@prompt']
      expect(await readVaultPasswords(sources, ask)).to.deep.equal([
        { id: 'default', password: 'from file' },
        { id: 'dev', password: 'from script' },
        { id: 'prod', password: '--vault-id prod' },
        { id: 'default', password: 'typed for default' },
        { id: 'stage', password: 'typed for stage' },
      ])
    })

    const cases: readonly (readonly [string, () => string, RegExp])[] = [
      ['a missing file', () => join(folder, 'no'), /there is no vault password file .*\(file-not-found\)$/],
      ['a folder', () => folder, /cannot be read: EISDIR/],
      ['an empty file', () => write('empty', '\n', 0o600), /is empty \(vault-password\)$/],
      [
        'a script that fails',
        () => write('bad', '#!/bin/sh\necho locked >&2; exit 3\n', 0o700),
        /failed: locked/,
      ],
      ['a password file that is executable', () => write('exe', 'pw\n', 0o700), /must not be executable/],
    ]
    for (const [what, source, message] of cases) {
      it(`are refused: ${what}`, async () => {
        expect(await refusal(() => readVaultPasswords([source()], ask))).to.match(message)
      })
    }
  })
})
