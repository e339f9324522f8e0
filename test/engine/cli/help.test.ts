import { expect } from 'chai'
import { formatHelp } from '../../../engine/cli/help.js'
import { PLAYBOOK_OPTIONS } from '../../../engine/cli/options.js'
import type { OptionSpec } from '../../../engine/cli/option.js'
import { fplay } from '../../support/caller.js'

describe('help', () => {
  it('lists options under their headings, in columns', () => {
    const options: Record<string, OptionSpec> = {
      check: { kind: 'flag', flags: ['-C', '--check'], about: 'change nothing', section: 'How to run' },
      source: {
        kind: 'list',
        flags: ['-i', '--inventory'],
        value: 'SOURCE',
        about: 'a file, a directory or an executable',
        setting: 'DEFAULT_HOST_LIST',
        section: 'What to run',
      },
      version: { kind: 'flag', flags: ['--version'], about: 'show the version', section: 'Output' },
    }
    expect(formatHelp({ usage: ['fplay X', 'fplay Y'], about: 'Does it.', options }, 60)).to.equal(
      [
        'Usage: fplay X',
        '       fplay Y',
        '',
        'Does it.',
        '',
        'What to run:',
        '  -i, --inventory SOURCE  a file, a directory or an',
        '                          executable [ANSIBLE_INVENTORY]',
        '',
        'How to run:',
        '  -C, --check             change nothing',
        '',
        'Output:',
        '      --version           show the version',
        '',
      ].join('\n'),
    )
  })

  it('has every option, and no line is longer than the terminal', async () => {
    const { code, out } = await fplay(['--help'])
    expect(code).to.equal(0)
    for (const { flags } of Object.values(PLAYBOOK_OPTIONS))
      for (const flag of flags) expect(out).to.include(flag)
    for (const line of out.split('\n')) expect(line.length).to.be.at.most(100)
  })

  it('is short when fplay is called without anything, with the exit status of ansible-playbook', async () => {
    const { code, out, err } = await fplay([])
    expect(code).to.equal(2)
    expect(out).to.equal('')
    expect(err).to.match(/^Usage: fplay PLAYBOOK/)
    expect(err.split('\n').length).to.be.below(14)
  })
})
