import { expect } from 'chai'
import fc from 'fast-check'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  fingerprint,
  knownHosts,
  knownName,
  parseKnownHosts,
  readKnownHosts,
  rememberKey,
  verdictOn,
} from '../../../engine/connection/known-hosts.js'
import { matchesPatterns } from '../../../engine/connection/ssh-config.js'

const folder = mkdtempSync(join(tmpdir(), 'fplay-known-'))

/** A new public key: its line without the comment, and its bytes. */
function newKey(type: string, name: string): { line: string; bytes: Buffer; file: string } {
  const file = join(folder, name)
  execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-f', file])
  const [word, base64] = readFileSync(`${file}.pub`, 'utf8').split(' ')
  return { line: `${word} ${base64}`, bytes: Buffer.from(base64!, 'base64'), file }
}

describe('known_hosts', () => {
  const one = newKey('ed25519', 'one')
  const two = newKey('ed25519', 'two')
  const other = newKey('ecdsa', 'other')
  const verdict = (text: string, host: string, port: number, key: Buffer): string =>
    verdictOn(knownHosts(parseKnownHosts(text, 'known')), host, port, key).kind

  it('tells known, changed and unknown keys apart', () => {
    const text = `# a comment\n\nalpha,10.0.0.1 ${one.line} somebody\n`
    expect(verdict(text, 'alpha', 22, one.bytes)).to.equal('known')
    expect(verdict(text, 'ALPHA', 22, one.bytes)).to.equal('known')
    expect(verdict(text, '10.0.0.1', 22, one.bytes)).to.equal('known')
    expect(verdict(text, 'alpha', 22, two.bytes)).to.equal('changed')
    expect(verdict(text, 'beta', 22, one.bytes)).to.equal('unknown')
  })

  it('takes a key of another type for a changed one: an attacker chooses the type', () => {
    expect(verdict(`alpha ${one.line}\n`, 'alpha', 22, other.bytes)).to.equal('changed')
    expect(verdict(`alpha ${one.line}\nalpha ${other.line}\n`, 'alpha', 22, other.bytes)).to.equal('known')
  })

  it('knows ports, wildcards and exceptions', () => {
    const text = `[alpha]:2222 ${one.line}\n*.example.org,!bad.example.org ${two.line}\n`
    expect(verdict(text, 'alpha', 2222, one.bytes)).to.equal('known')
    expect(verdict(text, 'alpha', 22, one.bytes)).to.equal('unknown')
    expect(verdict(text, 'a.example.org', 22, two.bytes)).to.equal('known')
    expect(verdict(text, 'a.example.org', 2200, two.bytes)).to.equal('known')
    expect(verdict(text, 'bad.example.org', 22, two.bytes)).to.equal('unknown')
  })

  it('refuses revoked keys, and does not take a certificate authority for a key', () => {
    expect(verdict(`alpha ${one.line}\n@revoked * ${one.line}\n`, 'alpha', 22, one.bytes)).to.equal('revoked')
    expect(verdict(`@cert-authority alpha ${one.line}\n`, 'alpha', 22, one.bytes)).to.equal('unknown')
  })

  it('reads names that ssh-keygen has hashed', () => {
    const file = join(folder, 'hashed')
    writeFileSync(file, `alpha,10.0.0.1 ${one.line}\n[beta]:2200 ${two.line}\n`)
    execFileSync('ssh-keygen', ['-H', '-f', file], { stdio: 'ignore' })
    expect(readFileSync(file, 'utf8')).to.not.contain('alpha')
    const known = readKnownHosts([file, join(folder, 'missing')])
    expect(verdictOn(known, '10.0.0.1', 22, one.bytes).kind).to.equal('known')
    expect(verdictOn(known, 'beta', 2200, two.bytes).kind).to.equal('known')
    expect(verdictOn(known, 'beta', 2200, one.bytes).kind).to.equal('changed')
    expect(verdictOn(known, 'gamma', 22, one.bytes).kind).to.equal('unknown')
    expect(known.keysOf('10.0.0.1')).to.have.length(1)
    expect(known.keysOf('alpha')).to.have.length(1)
  })

  it('finds the lines that trying each of them finds, in their order, however often it is asked', () => {
    const part = fc.constantFrom(
      'alpha',
      'Beta',
      '[alpha]:2222',
      '*',
      'al*',
      '?eta',
      '!beta',
      '!alpha',
      '10.0.0.1',
    )
    const asked = fc.constantFrom('alpha', 'beta', '[alpha]:2222', '10.0.0.1', 'gamma')
    const property = fc.property(
      fc.array(fc.array(part, { minLength: 1, maxLength: 3 }), { maxLength: 8 }),
      fc.array(asked, { maxLength: 6 }),
      (lists, wanted) => {
        const lines = parseKnownHosts(lists.map((list) => `${list.join(',')} ${one.line}\n`).join(''), 'f')
        const known = knownHosts(lines)
        for (const name of wanted) {
          const tried = lines.filter(({ names }) => matchesPatterns(name, names.split(',')))
          expect(known.keysOf(name).map(({ line }) => line)).to.deep.equal(tried.map(({ line }) => line))
        }
      },
    )
    fc.assert(property)
  })

  it('sees what has changed in a file since it was read', () => {
    const file = join(folder, 'changing')
    const read = (): string => verdictOn(readKnownHosts([file]), 'alpha', 22, one.bytes).kind
    expect(read()).to.equal('unknown')
    writeFileSync(file, `alpha ${two.line}\n`)
    expect(read()).to.equal('changed')
    writeFileSync(file, `alpha ${one.line}\n`)
    expect([read(), read()]).to.deep.equal(['known', 'known'])
    expect(verdictOn(readKnownHosts([join(folder, 'other')]), 'alpha', 22, one.bytes).kind).to.equal(
      'unknown',
    )
  })

  it('says where a changed key stands', () => {
    const known = knownHosts(parseKnownHosts(`\nalpha ${other.line}\nalpha ${one.line}\n`, '/etc/known'))
    const found = verdictOn(known, 'alpha', 22, two.bytes)
    expect(found.kind === 'changed' && [found.entry.file, found.entry.line]).to.deep.equal(['/etc/known', 3])
  })

  it('prints fingerprints as ssh-keygen does', () => {
    const printed = execFileSync('ssh-keygen', ['-l', '-f', `${one.file}.pub`], { encoding: 'utf8' })
    expect(printed).to.contain(fingerprint(one.bytes))
  })

  it('adds a key so that ssh-keygen finds it, and mends a last line without an end', () => {
    const file = join(folder, 'new', 'known_hosts')
    rememberKey(file, knownName('alpha', 2222), one.bytes)
    expect(statSync(file).mode & 0o777).to.equal(0o600)
    writeFileSync(file, readFileSync(file, 'utf8').trimEnd())
    rememberKey(file, knownName('beta', 22), two.bytes)
    expect(execFileSync('ssh-keygen', ['-F', '[alpha]:2222', '-f', file], { encoding: 'utf8' })).to.contain(
      one.line,
    )
    expect(readKnownHosts([file]).keysOf('beta')).to.have.length(1)
  })

  it('passes over lines that are no keys', () => {
    expect(
      parseKnownHosts('alpha\nalpha ssh-ed25519\n<<<<\n@odd a b c\nalpha ssh-ed25519 !!!\n', 'f'),
    ).to.deep.equal([])
  })
})
