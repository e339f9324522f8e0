import { expect } from 'chai'
import { existsSync, readdirSync } from 'node:fs'
import { isUnknown } from '../../engine/unknown.js'
import raw from '../../modules/raw.js'
import script from '../../modules/script.js'
import { call, testController, testHost } from '../support/envelope.js'

const DRY = { checkMode: true }
const FILES = {
  'args.sh': '#!/bin/sh\nprintf "<%s>" "$@"\n',
  "it's $(a).sh": '#!/bin/sh\nbasename "$0"; pwd; echo "P=$P"\necho why >&2\nexit ${R:-0}\n',
  plain: 'echo "$0" | grep -c plain; ls -ld "$(dirname "$0")" | cut -c1-10\n',
  where: '#!/bin/sh\ndirname "$0"\n',
  read: '#!/bin/sh\ncat\n',
  big: `#!/bin/sh\n: <<'E'\n${'x'.repeat(79).concat('\n').repeat(14_000)}E\necho big\n`,
}
const controller = testController(FILES)

for (const program of [['dash'], ['bash'], ['busybox', 'sh']]) {
  describe(`raw, on ${program.join(' ')}`, () => {
    it('runs a text, asks nothing before, and gives the output as it is', async () => {
      const host = testHost(program)
      const ran = await call(host, raw, { free_form: 'echo "a  b" | tr a c; echo; echo why >&2' })
      expect(ran, ran.message).to.include({ status: 'changed' })
      expect(ran.values).to.deep.equal({
        rc: 0,
        stdout: 'c  b\n\n',
        stdout_lines: ['c  b', ''],
        stderr: 'why\n',
        stderr_lines: ['why'],
      })
      expect(host.connection.counts.roundTrips).to.equal(1)
      expect((await call(host, raw, { free_form: 'echo $0', executable: '/bin/bash' })).values).to.include({
        stdout: '/bin/bash\n',
      })
    })

    it('fails with the status of the text, and is not run in a dry run', async () => {
      const host = testHost(program)
      const failed = await call(host, raw, { free_form: 'echo no >&2; exit 3' })
      expect(failed).to.include({ status: 'failed', changed: true, message: 'ended with status 3: no' })
      expect(failed.values).to.include({ rc: 3, msg: 'non-zero return code' })
      const dry = await call(host, raw, { free_form: `touch ${host.folder}/f` }, DRY)
      expect(dry).to.include({ status: 'changed' })
      expect(Object.keys(dry.values)).to.include.members(['rc', 'stdout', 'stdout_lines', 'stderr'])
      expect(isUnknown(dry.values['stdout'])).to.equal(true)
      expect(existsSync(`${host.folder}/f`)).to.equal(false)
    })
  })

  describe(`script, on ${program.join(' ')}`, () => {
    const run = (host: ReturnType<typeof testHost>, params: object, options: object = {}) =>
      call(host, script, params as Record<string, unknown>, {
        controller,
        environment: { HOME: host.folder, P: '1 2' },
        ...options,
      })

    it('runs a file of the controller by its first line or a program, with arguments of the shell', async () => {
      const host = testHost(program)
      const args = `args.sh 'two words' "$P" \\$x $((1 + 1)) '$(id)' -e '' 'ü' | tr x y`
      const ran = await run(host, { cmd: args })
      expect(ran, ran.message).to.include({ status: 'changed' })
      expect(ran.values).to.include({ rc: 0, stdout: '<two words><1 2><$y><2><$(id)><-e><><ü>' })
      expect(host.connection.counts.roundTrips).to.equal(1)
      expect((await run(host, { cmd: 'plain' })).values['stdout']).to.equal('1\ndrwx------\n')
      expect((await run(host, { cmd: 'plain', executable: 'sh -x' })).values['stderr']).to.include('+ ')
      expect((await run(host, { cmd: 'read' })).values['stdout'], 'there is no input').to.equal('')
      expect((await run(host, { cmd: 'big' })).values['stdout']).to.equal('big\n')
      expect(readdirSync(host.folder), 'nothing is left').to.deep.equal([])
    })

    it('keeps its name, folder, environment and status, and leaves nothing when it fails', async () => {
      const host = testHost(program)
      const cmd = `"it's \\$(a).sh"`
      const ran = await run(host, { cmd, chdir: '/' })
      expect(ran.values).to.include({ stdout: "it's $(a).sh\n/\nP=1 2\n", stderr: 'why\n' })
      const failed = await run(host, { cmd }, { environment: { HOME: host.folder, R: '4' } })
      expect(failed).to.include({ status: 'failed', changed: true, message: 'ended with status 4: why' })
      expect(failed.values).to.include({ rc: 4, msg: 'non-zero return code' })
      expect(readdirSync(host.folder)).to.deep.equal([])
      const away = await run(host, { cmd: 'where' }, { environment: { HOME: '/proc' } })
      expect(away.values['stdout']).to.match(/^\/tmp\/\.fplay-\d+\/scratch\./)
      expect(existsSync(String(away.values['stdout']).trim())).to.equal(false)
      expect((await run(host, { cmd, chdir: 'tmp' })).message).to.contain(
        'chdir tmp must be an absolute path',
      )
    })

    it('is skipped when what it creates is there or what it removes is not, names taken as they stand', async () => {
      const host = testHost(program)
      const creates = `${host.folder}/made*`
      const cmd = `args.sh x >${host.folder}/'made*'`
      expect(await run(host, { cmd, creates }, DRY)).to.include({ status: 'changed' })
      expect(existsSync(creates)).to.equal(false)
      expect(await run(host, { cmd, creates }, DRY)).to.include({ status: 'skipped' })
      host.forecast.states.clear()
      expect(await run(host, { cmd, creates })).to.include({ status: 'changed' })
      for (const options of [{}, DRY]) {
        const again = await run(host, { cmd, creates, removes: `${host.folder}/none` }, options)
        expect(again).to.include({ status: 'skipped', changed: false })
        expect(again.message).to.equal(`${creates} exists, matching creates option`)
      }
      const none = await run(host, { cmd, creates: `${host.folder}/m*`, removes: `${host.folder}/none` })
      expect(none.message).to.equal(`${host.folder}/none does not exist, matching removes option`)
    })
  })
}
