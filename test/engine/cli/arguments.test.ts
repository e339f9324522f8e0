import { resolve } from 'node:path'
import { expect } from 'chai'
import fc from 'fast-check'
import { ADHOC_OPTIONS } from '../../../engine/cli/adhoc-options.js'
import { parseArguments } from '../../../engine/cli/arguments.js'
import { createConfig } from '../../../engine/cli/config.js'
import { INVENTORY_OPTIONS, PLAYBOOK_OPTIONS } from '../../../engine/cli/options.js'
import { CONFIG_OPTIONS } from '../../../engine/cli/config-options.js'
import { DOC_OPTIONS } from '../../../engine/cli/doc-options.js'
import { VAULT_OPTIONS } from '../../../engine/cli/vault/options.js'
import type { OptionSpec } from '../../../engine/cli/option.js'
import { FplayError } from '../../../engine/errors.js'

const parse = (argv: readonly string[], env: Record<string, string> = {}) =>
  parseArguments(PLAYBOOK_OPTIONS, argv, createConfig({ FPLAY_CONFIG: '/dev/null', ...env }))

function refused(argv: readonly string[], env: Record<string, string> = {}): string {
  try {
    parse(argv, env)
  } catch (error) {
    if (error instanceof FplayError) return error.message
    throw error
  }
  throw new Error(`${argv.join(' ')} was accepted`)
}

describe('the tables of options', () => {
  const tables: Record<string, Readonly<Record<string, OptionSpec>>> = {
    PLAYBOOK_OPTIONS,
    INVENTORY_OPTIONS,
    DOC_OPTIONS,
    ADHOC_OPTIONS,
    CONFIG_OPTIONS,
    ...VAULT_OPTIONS,
  }
  for (const [name, table] of Object.entries(tables)) {
    it(`${name}: every flag means one thing, and values are named where there are values`, () => {
      const flags = Object.values(table).flatMap((spec) => spec.flags)
      expect(flags).to.have.lengthOf(new Set(flags).size)
      for (const flag of flags) expect(flag).to.match(/^(?:-[a-zA-Z]|--[a-z][a-z-]+)$/)
      for (const spec of Object.values(table)) {
        expect(spec.value === undefined, spec.flags.join()).to.equal(
          spec.kind === 'flag' || spec.kind === 'count',
        )
      }
    })
  }

  it('has the options that ansible-playbook has, without those that are refused', () => {
    const flags = new Set(Object.values(PLAYBOOK_OPTIONS).flatMap((spec: OptionSpec) => spec.flags))
    const theirs =
      '-h --help --version -v --verbose --private-key --key-file -u --user -c --connection -T --timeout ' +
      '--ssh-common-args --ssh-extra-args -k --ask-pass --connection-password-file --conn-pass-file --force-handlers ' +
      '--flush-cache -b --become --become-method --become-user -K --ask-become-pass --become-password-file ' +
      '--become-pass-file -t --tags --skip-tags -C --check -D --diff -i --inventory --inventory-file --list-hosts -l ' +
      '--limit -e --extra-vars --vault-id --ask-vault-password --ask-vault-pass --vault-password-file ' +
      '--vault-pass-file -f --forks --syntax-check --list-tasks --list-tags --step --start-at-task'
    expect(theirs.split(' ').filter((flag) => !flags.has(flag))).to.deep.equal([])
  })
})

describe('parseArguments', () => {
  it('reads options and operands in any order', () => {
    const { options, operands } = parse([
      'a.yml',
      '-i',
      'x',
      '-vvv',
      '-CD',
      '--forks=7',
      'b.yml',
      '-f8',
      '-i',
      'y,',
    ])
    expect(operands).to.deep.equal(['a.yml', 'b.yml'])
    expect(options.inventory).to.deep.equal(['x', 'y,'])
    expect(options).to.include({ verbose: 3, check: true, diff: true, forks: 8, become: false })
  })

  it('takes everything behind -- as operands', () => {
    expect(parse(['-C', '--', '-i', 'x']).operands).to.deep.equal(['-i', 'x'])
  })

  it('understands unique beginnings of long options', () => {
    expect(parse(['--vers']).options.version).to.equal(true)
    expect(parse(['--become-u', 'joe']).options.becomeUser).to.equal('joe')
    expect(refused(['--list'])).to.match(/--list-hosts or --list-tasks or --list-tags/)
  })

  it('takes values that begin with a dash, unless they are options', () => {
    expect(parse(['--ssh-common-args', '-o Port=22']).options.sshCommonArgs).to.equal('-o Port=22')
    expect(parse(['--ssh-common-args', '-A']).options.sshCommonArgs).to.equal('-A')
    expect(refused(['-i', '-C'])).to.match(/^-i needs a value \(SOURCE\)/)
    expect(refused(['-i'])).to.match(/^-i needs a value/)
  })

  it('splits and joins tags', () => {
    expect(parse(['-t', 'a,b', '--tags=c']).options.tags).to.deep.equal(['a', 'b', 'c'])
  })

  it('falls back to the environment', () => {
    const env = {
      ANSIBLE_FORKS: '3',
      ANSIBLE_BECOME: 'yes',
      FPLAY_RECAP: '/tmp/r.json',
      ANSIBLE_INVENTORY: 'a,b',
    }
    const { options } = parse([], env)
    expect(options).to.include({ forks: 3, become: true, recapJson: '/tmp/r.json' })
    expect(options.inventory).to.deep.equal([resolve('a'), resolve('b')])
    expect(parse(['-f', '9', '-i', 'z'], env).options).to.deep.include({ forks: 9, inventory: ['z'] })
    expect(parse([], { ANSIBLE_INVENTORY: 'a,b,' }).options.inventory).to.deep.equal(['a,b,'])
    expect(parse([], { ANSIBLE_BECOME: 'no', ANSIBLE_FORKS: '' }).options).to.include({
      become: false,
      forks: undefined,
    })
    expect(refused([], { ANSIBLE_FORKS: 'many' })).to.match(/^ANSIBLE_FORKS is "many"/)
  })

  it('says what is wrong and what was meant', () => {
    expect(refused(['--chekc'])).to.equal('there is no option --chekc; did you mean --check? (bad-option)')
    expect(refused(['-Z'])).to.match(/no option -Z/)
    expect(refused(['--check=yes'])).to.match(/--check takes no value, and got "yes"/)
    expect(refused(['-f', '0'])).to.match(/--forks is "0"; allowed: a whole number from 1 on/)
    expect(refused(['--scp-extra-args', '-l'])).to.match(/use --ssh-common-args/)
  })

  it('refuses or understands whatever is typed', () => {
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom('-i', '-vC', '--forks', '--', '-', '--x=', '-e', '--limit=ä'),
    )
    fc.assert(
      fc.property(fc.array(word), (argv) => {
        try {
          parse(argv)
        } catch (error) {
          expect(error).to.be.instanceOf(FplayError)
        }
      }),
    )
  })
})
