import { expect } from 'chai'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Dict } from '../../../engine/language/value.js'
import { loadOwnModule } from '../../../engine/module/own-module.js'
import type { Call, Converged } from '../../../engine/run/target.js'
import { isUnknown } from '../../../engine/unknown.js'
import { call, testController, testHost } from '../../support/envelope.js'
import { tinyBinary } from '../../support/tiny-binary.js'

const SHELLS = [['sh'], ['bash'], ['busybox', 'sh']]

describe('modules that are programs', () => {
  let folder = ''
  before(() => (folder = mkdtempSync(join(tmpdir(), 'fplay-programs-'))))
  after(() => rmSync(folder, { recursive: true }))

  async function run(
    program: string | Buffer,
    params: Readonly<Record<string, unknown>> = {},
    options: Partial<Call> = {},
    shell?: readonly string[],
  ): Promise<Converged> {
    const file = join(folder, 'thing')
    writeFileSync(file, program)
    return call(testHost(shell), await loadOwnModule(file), params, options)
  }
  const shell = (text: string): string => `#!/bin/sh\n${text}\n`

  for (const words of SHELLS) {
    it(`take arguments as key=value or JSON, in ${words.join(' ')}`, async () => {
      const old = shell(
        '. "$1"; printf \'{"changed": true, "msg": "%s", "check": "%s"}\' "$text" "$_ansible_check_mode"',
      )
      const said = await run(old, { text: "it's $HOME `x`; \u4e2d" }, {}, words)
      expect(said).to.deep.include({ status: 'changed', changed: true })
      expect(said.values).to.deep.include({ msg: "it's $HOME `x`; \u4e2d", check: 'False' })
      const wants = shell('# WANT_JSON\nprintf \'{"args": %s}\' "$(cat "$1")"')
      const params = { text: 'a\n"b"', list: [1, true, null], dict: new Map([['k', 'v']]) }
      const json = await run(wants, params, { diff: true }, words)
      expect(json.status, json.message).to.equal('ok')
      const args = json.values['args'] as Dict
      expect(args.get('text')).to.equal('a\n"b"')
      expect(args.get('list')).to.deep.equal([1, true, null])
      expect([...(args.get('dict') as Dict)]).to.deep.equal([['k', 'v']])
      for (const [name, value] of [
        ['_ansible_check_mode', false],
        ['_ansible_diff', true],
        ['_ansible_module_name', 'tested'],
      ] as const)
        expect(args.get(name), name).to.equal(value)
    })

    it(`may be binaries, and leave nothing, in ${words.join(' ')}`, async function () {
      if (process.arch !== 'x64') this.skip()
      const leftovers = (): string[] =>
        readdirSync(tmpdir()).filter((name) => name.startsWith('.fplay-run') || name.startsWith('fplay.'))
      const before = leftovers()
      const said = await run(tinyBinary('{"changed": true, "from": "machine code"}\n'), { a: 1 }, {}, words)
      expect(said.message).to.equal(undefined)
      expect(said.values).to.deep.include({ from: 'machine code' })
      expect(leftovers()).to.deep.equal(before)
    })
  }

  it('are run in check mode only when they know of it, which then is told', async () => {
    const mark = join(folder, 'mark')
    const naive = shell(`echo >${mark}; echo '{"changed": false}'`)
    const foreseen = await run(naive, {}, { checkMode: true })
    expect(foreseen).to.include({ status: 'changed', changed: true })
    expect(isUnknown(foreseen.rest)).to.equal(true)
    expect(readdirSync(folder)).to.not.include('mark')
    const aware = shell(
      '. "$1"; if [ "$_ansible_check_mode" = True ]; then echo \'{"changed": true, "foretold": 1}\'; fi',
    )
    expect((await run(aware, {}, { checkMode: true })).values).to.deep.include({ foretold: 1 })
  })

  it('have results as Ansible takes them', async () => {
    const said = (text: string): Promise<Converged> => run(shell(`cat <<'E'\n${text}\nE`))
    expect(await said('motd\n{"changed": "yes", "msg": "m"}')).to.include({ status: 'changed' })
    expect(await said('{"rc": 2, "msg": "why"}')).to.include({ status: 'failed', message: 'why' })
    expect(await said('{"rc": 2, "failed": false}')).to.include({ status: 'ok' })
    expect(await said('{"skipped": true, "msg": "not here"}')).to.include({
      status: 'skipped',
      message: 'not here',
    })
    expect((await said('{"a": 1}\nnoise')).values['warnings']).to.deep.equal([
      'the module printed something behind its result: noise',
    ])
    expect((await said('{"stdout": "a\\nb\\n", "_ansible_x": 1}')).values).to.deep.equal({
      stdout: 'a\nb\n',
      stdout_lines: ['a', 'b'],
    })
    expect((await said('{"ansible_facts": {"colour": "red"}}')).facts?.get('colour')).to.equal('red')
    expect(
      (await said('{"changed": true, "diff": {"before": "a\\n", "after": "b\\n", "after_header": "x"}}'))
        .diffs,
    ).to.deep.equal([{ name: 'x', before: 'a\n', after: 'b\n' }])
    const broken = await run(shell('echo no; echo why >&2; exit 3'))
    expect(broken).to.include({ status: 'failed', message: 'the module printed no result in JSON: why' })
    expect(broken.values).to.include({ rc: 3, module_stdout: 'no\n', module_stderr: 'why\n' })
  })

  it('are found their interpreter: the one written, the one a variable names, any Python; or the host lacks it', async () => {
    const variable = (name: string, value: string) => ({
      controller: { ...testController(), variable: (asked: string) => (asked === name ? value : undefined) },
    })
    expect((await run('#!/opt/none/perl6\n')).message).to.equal(
      'the host has no /opt/none/perl6, which runs ' +
        join(folder, 'thing') +
        '; install it there, or set ansible_perl6_interpreter',
    )
    expect((await run('#!/usr/bin/env -S none7 -x\n')).message).to.match(
      /^the host has no none7, which runs \S+; install it there$/,
    )
    const behindEnv = '#!/usr/bin/env none8\necho \'{"by": "sh"}\'\n'
    expect((await run(behindEnv)).message).to.match(
      /^the host has no none8, .*set ansible_none8_interpreter$/,
    )
    for (const [program, value] of [
      [behindEnv, '/bin/sh'],
      ['#!/bin/sh\necho \'{"by": "sh"}\'\n', 'auto_silent'],
    ] as const) {
      const name = program === behindEnv ? 'ansible_none8_interpreter' : 'ansible_sh_interpreter'
      expect((await run(program, {}, variable(name, value))).values).to.deep.include({ by: 'sh' })
    }
    const chosen = await run(
      '#!/opt/none/perl6\necho \'{"by": "sh"}\'\n',
      {},
      variable('ansible_perl6_interpreter', '/bin/sh'),
    )
    expect(chosen.values).to.deep.include({ by: 'sh' })
    const python = await run(
      '#!/opt/none/python\n# WANT_JSON\nimport json, sys\nprint(json.dumps({"got": json.load(open(sys.argv[1]))["a"]}))\n',
      { a: 'x' },
    )
    if (python.status !== 'failed') expect(python.values).to.deep.include({ got: 'x' })
    else expect(python.message).to.match(/^the host has no \/opt\/none\/python/)
  })

  it('are refused where they need Ansible itself, or say nothing of who runs them', async () => {
    const refused = async (text: string): Promise<string> =>
      run(text).then(
        () => 'accepted',
        (error: Error) => error.message,
      )
    expect(
      await refused('#!/usr/bin/python\nfrom ansible.module_utils.basic import AnsibleModule\n'),
    ).to.contain("thing needs Ansible's library for Python, which fplay does not have")
    expect(
      await refused('#!/usr/bin/python\nfrom ansible_collections.a.b.plugins.module_utils.x import y\n'),
    ).to.contain("Ansible's library for Python")
    expect(await refused('#!/usr/bin/python\n# <<INCLUDE_ANSIBLE_MODULE_JSON_ARGS>>\n')).to.contain(
      'text that Ansible puts into it',
    )
    expect(await refused('echo {}\n')).to.contain('has no interpreter line')
  })

  it('never show arguments in a process list', async () => {
    const said = await run(
      shell('# WANT_JSON\nprintf \'{"line": "%s"}\' "$(tr "\\0" " " </proc/$$/cmdline)"'),
      { password: 'hunter2' },
    )
    expect(said.values['line']).to.equal('/bin/sh /proc/self/fd/5 /proc/self/fd/6 ')
  })
})
