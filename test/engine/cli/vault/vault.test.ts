import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { createVault } from '../../../../engine/language/vault.js'
import { parseYaml } from '../../../../engine/language/yaml.js'
import { createSecrets } from '../../../../engine/secrets.js'
import { isDict, Unsafe } from '../../../../engine/language/value.js'
import { fplay } from '../../../support/caller.js'
import type { Ended } from '../../../support/caller.js'

const RECORDED = fileURLToPath(new URL('recorded/', import.meta.url))

describe('fplay vault', () => {
  let folder: string
  let env: Record<string, string>
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'fplay-vault-cli-'))
    env = { HOME: folder, PATH: '/usr/bin:/bin' }
    write('one', 'recorded password\n', 0o600)
    write('two', 'second password\n', 0o600)
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const write = (name: string, data: string | Buffer, mode = 0o644): string => {
    const file = join(folder, name)
    writeFileSync(file, data, { mode })
    return file
  }
  const at = (name: string): string => join(folder, name)
  const text = (name: string): string => readFileSync(at(name), 'utf8')
  const modeOf = (name: string): number => statSync(at(name)).mode & 0o777
  const vault = (action: string, words: readonly string[], input?: string): Promise<Ended> =>
    fplay(['vault', action, ...words], env, input)
  const recorded = (name: string): string => {
    copyFileSync(join(RECORDED, name), at(name))
    return at(name)
  }
  const ONE = (): string[] => ['--vault-password-file', at('one')]
  const BOTH = (): string[] => ['--vault-id', `stage@${at('one')}`, '--vault-id', `prod@${at('two')}`]

  it('opens what ansible-vault made', async () => {
    expect((await vault('view', [...BOTH(), recorded('text.vault'), recorded('empty.vault')])).out).to.equal(
      'user: "jörg"\npassword: 秘密\n',
    )
    expect(await vault('decrypt', [...ONE(), recorded('binary.vault')])).to.deep.equal({
      code: 0,
      out: '',
      err: '',
    })
    expect(readFileSync(at('binary.vault')).toString('hex')).to.equal(
      Buffer.from('\0\x01\x02binary\xff\xfe\n\r\n', 'latin1').toString('hex'),
    )
    expect(modeOf('binary.vault')).to.equal(0o600)
    const value = readFileSync(join(RECORDED, 'string.vault'), 'utf8')
    const reader = createVault([{ id: 'default', password: 'recorded password' }], createSecrets())
    const dict = parseYaml(value, 'string.yml', { vault: reader }).value
    const secret = isDict(dict!) ? dict.get('secret') : undefined
    expect(secret).to.be.instanceOf(Unsafe)
    expect((secret as Unsafe).text).to.equal('s3cr3t: ü')
  })

  it('encrypts in place, with a mode of 0600, and decrypts again', async () => {
    const file = write('vars.yml', 'a: 1\n')
    expect(await vault('encrypt', [...ONE(), file])).to.deep.equal({ code: 0, out: '', err: '' })
    expect(text('vars.yml')).to.match(/^\$ANSIBLE_VAULT;1\.1;AES256\n[0-9a-f]{80}\n/)
    expect(modeOf('vars.yml')).to.equal(0o600)
    expect(await vault('encrypt', [...ONE(), file])).to.include({ code: 1 })
    expect(await vault('view', [...ONE(), file])).to.include({ out: 'a: 1\n' })
    await vault('decrypt', [...ONE(), file])
    expect(text('vars.yml')).to.equal('a: 1\n')
    expect(readdirSync(folder).sort()).to.deep.equal(['one', 'two', 'vars.yml'])
  })

  it('works on the input and the output', async () => {
    const { out } = await vault('encrypt', ['--vault-id', `dev@${at('one')}`], 'x: 1\n')
    expect(out).to.match(/^\$ANSIBLE_VAULT;1\.2;AES256;dev\n/)
    expect(await vault('decrypt', ONE(), `\n  ${out}`)).to.include({ code: 0, out: 'x: 1\n' })
    await vault('decrypt', [...ONE(), '--output', at('plain'), '-'], out)
    expect(text('plain')).to.equal('x: 1\n')
  })

  it('writes nothing when one of several files cannot be opened', async () => {
    const file = write('a', 'plain\n')
    const { code, err } = await vault('decrypt', [...ONE(), recorded('text.vault'), file])
    expect(code).to.equal(1)
    expect(err).to.match(/a:1:1: this is not encrypted \(vault-format\)/)
    expect(text('text.vault')).to.match(/^\$ANSIBLE_VAULT/)
  })

  it('rekeys, and keeps the mode', async () => {
    const file = recorded('text.vault')
    const before = modeOf('text.vault')
    const { err } = await vault('rekey', [...ONE(), '--new-vault-id', `new@${at('two')}`, file])
    expect(err).to.equal('Rekey successful\n')
    expect(text('text.vault')).to.match(/^\$ANSIBLE_VAULT;1\.2;AES256;new\n/)
    expect(modeOf('text.vault')).to.equal(before)
    expect(await vault('view', [...ONE(), file])).to.include({ code: 1 })
    expect((await vault('view', ['--vault-id', at('two'), file])).out).to.match(/^user:/)
    expect(await vault('rekey', ['--vault-id', at('two'), file, '--vault-id', 'x@prompt'], '')).to.include({
      code: 5,
    })
  })

  it('edits where nobody else can read, keeps the id, and leaves nothing behind', async () => {
    env['EDITOR'] =
      `sh ${write('ed.sh', 'stat -c %a "$1" "${1%/*}" >>seen; echo "$1" >>seen; echo more >>"$1"; cp "$1" "$1~"\n'.replaceAll('seen', at('seen')))}`
    const file = recorded('text.vault')
    expect(await vault('edit', [...ONE(), file])).to.include({ code: 0 })
    expect(text('text.vault')).to.match(/^\$ANSIBLE_VAULT;1\.2;AES256;stage\n/)
    expect((await vault('view', [...ONE(), file])).out).to.match(/more\n$/)
    const [mode, folderMode, path] = text('seen').split('\n')
    expect([mode, folderMode]).to.deep.equal(['600', '700'])
    expect(existsSync(join(path!, '..'))).to.equal(false)
    expect(await vault('create', [...ONE(), at('sub/new.yml')])).to.include({ code: 0 })
    expect((await vault('view', [...ONE(), at('sub/new.yml')])).out).to.equal('more\n')
    expect(await vault('create', [...ONE(), at('sub/new.yml')])).to.include({ code: 5 })
  })

  it('changes nothing when the editor fails, or changes nothing', async () => {
    const file = recorded('text.vault')
    const before = text('text.vault')
    env['EDITOR'] = 'true'
    expect(await vault('edit', [...ONE(), file])).to.include({ code: 0 })
    env['EDITOR'] = 'false'
    expect(await vault('edit', [...ONE(), file])).to.include({ code: 1 })
    env['EDITOR'] = 'no-such-editor'
    expect((await vault('edit', [...ONE(), file])).err).to.match(/no-such-editor cannot be started: ENOENT/)
    expect(text('text.vault')).to.equal(before)
  })

  it('encrypts strings to paste', async () => {
    const { out, err } = await vault(
      'encrypt-string',
      [...ONE(), '--stdin-name', 'x', '-n', 'y', 'yy', 'zz'],
      'xx',
    )
    expect(out).to.match(
      /^x: !vault \|\n {10}\$ANSIBLE_VAULT;1\.1;AES256\n {10}[0-9a-f]{80}\n[^]*\ny: !vault[^]*\n!vault/,
    )
    expect(err).to.equal(
      '# text 1 of 3 (x), from the input\n# text 2 of 3 (y), from the command line\n# text 3 of 3, from the command line\n',
    )
    const reader = createVault([{ id: 'default', password: 'recorded password' }], createSecrets())
    const value = parseYaml(out.replace('\n!vault', '\nz: !vault'), 'x.yml', { vault: reader }).value
    expect([...(value as Map<string, Unsafe>).values()].map((item) => item.text)).to.deep.equal([
      'xx',
      'yy',
      'zz',
    ])
    const asked = await vault('encrypt_string', [...ONE(), '--prompt'], 'name\nhidden text\n')
    expect(asked.out).to.match(/^name: !vault/)
    expect(asked.out + asked.err).to.not.include('hidden text')
  })

  it('asks for passwords, for new ones twice', async () => {
    const file = write('a', 'x\n')
    expect(await vault('encrypt', [file], 'pw\npw\n')).to.include({ code: 0 })
    expect(await vault('view', [file], 'pw\n')).to.include({ code: 0, out: 'x\n' })
    expect((await vault('rekey', [file], 'pw\nnew\nother\n')).err).to.match(/the two passwords differ/)
    expect(await vault('rekey', [file, '--ask-vault-pass'], 'pw\nnew\nnew\n')).to.include({ code: 0 })
    expect(await vault('view', ['--vault-id', 'x@prompt', file], 'new\n')).to.include({ out: 'x\n' })
    expect((await vault('encrypt', [], 'text')).err).to.match(/nobody can be asked for the vault password/)
  })

  it('needs to know which id encrypts', async () => {
    const file = write('a', 'x\n')
    expect((await vault('encrypt', [...BOTH(), file])).err).to.match(
      /ids stage, prod are given; say with --encrypt/,
    )
    expect(await vault('encrypt', [...BOTH(), '--encrypt-vault-id', 'dev', file])).to.include({ code: 5 })
    expect(await vault('encrypt', [...BOTH(), '--encrypt-vault-id=prod', file])).to.include({ code: 0 })
    expect(text('a')).to.match(/;prod\n/)
    env['FPLAY_CONFIG'] = write(
      'cfg',
      `[defaults]\nvault_identity_list = a@one, b@${at('two')}\nvault_encrypt_identity = b\n`,
    )
    const second = write('b', 'y\n')
    expect((await vault('encrypt', [second])).err).to.match(/there is no vault password file one/)
    env['FPLAY_CONFIG'] = write(
      'cfg',
      `[defaults]\nvault_identity_list = a@${at('one')}, b@${at('two')}\nvault_encrypt_identity = b\n`,
    )
    expect(await vault('encrypt', [second])).to.include({ code: 0 })
    expect(text('b')).to.match(/;b\n/)
  })

  it('reads a password file whatever its name is', async () => {
    write('me@home', 'recorded password', 0o600)
    expect(await vault('view', ['--vault-password-file', at('me@home'), recorded('text.vault')])).to.include({
      code: 0,
    })
  })

  it('says what it can do', async () => {
    expect((await vault('frob', [])).err).to.match(/allowed: create, decrypt/)
    expect((await vault('encrypt', ['--help'])).out).to.match(/--encrypt-vault-id LABEL/)
    expect((await vault('view', ['--output', 'x'])).err).to.match(/there is no option --output/)
    expect(await fplay(['vault', '--help'])).to.include({ code: 0 })
    expect(await vault('view', ONE())).to.include({ code: 5 })
  })
})
