import { expect } from 'chai'
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { contentOf } from '../../engine/content.js'
import type { OwnAsk } from '../../engine/module/contract.js'
import cron from '../../modules/cron.js'
import { call, testHost, withDefaults } from '../support/envelope.js'

const DRY = { checkMode: true }

/** A crontab program that keeps the table of each user in a file. */
const CRONTAB = `#!/bin/sh
U=own; if [ "$1" = -u ]; then U=$2; shift 2; fi
case $1 in
  -l) cat "$TABLES/$U" 2>/dev/null || { echo "no crontab for $U" >&2; exit 1; } ;;
  -) cat >"$TABLES/$U"; if grep -q broken "$TABLES/$U"; then echo "bad minute" >&2; exit 1; fi ;;
esac
`

for (const program of [['dash'], ['busybox', 'sh']]) {
  describe(`cron, on ${program.join(' ')}`, () => {
    const start = () => {
      const host = testHost(program)
      mkdirSync(`${host.folder}/bin`)
      writeFileSync(`${host.folder}/bin/crontab`, CRONTAB)
      chmodSync(`${host.folder}/bin/crontab`, 0o755)
      const environment = { PATH: `${host.folder}/bin:${process.env['PATH']}`, TABLES: host.folder }
      const run = (params: object, options: object = {}) =>
        call(host, cron, params as Record<string, unknown>, { environment, ...options })
      return { host, run, table: (user = 'own') => readFileSync(`${host.folder}/${user}`, 'utf8') }
    }

    it('puts a job into the crontab of a user once, as foreseen and shown, and takes it out', async () => {
      const { host, run, table } = start()
      const given = { name: "it's $(a) 名", job: `echo "$HOME" \`id\` 'x' % -e`, minute: '*/5' }
      const dry = await run(given, DRY)
      expect(dry, dry.message).to.include({ status: 'changed' })
      expect(existsSync(`${host.folder}/own`)).to.equal(false)
      expect(await run(given, DRY)).to.include({ status: 'ok' })
      host.forecast.states.clear()
      const made = await run(given)
      expect(made, made.message).to.include({ status: 'changed' })
      expect(made.values).to.deep.equal({ jobs: [given.name], envs: [], warnings: [] })
      expect(dry.values).to.deep.equal(made.values)
      const line = `#Ansible: ${given.name}\n*/5 * * * * ${given.job}\n`
      expect(table()).to.equal(line)
      expect(made.diffs).to.deep.equal([{ name: 'crontab ', before: '', after: line }])
      const trips = host.connection.counts.roundTrips
      expect(await run(given)).to.include({ status: 'ok' })
      expect(host.connection.counts.roundTrips - trips).to.equal(1)
      expect(await run({ ...given, user: 'fate' })).to.include({ status: 'changed' })
      expect(table('fate')).to.equal(line)
      const gone = await run({ name: given.name, state: 'absent', backup: true })
      expect(gone).to.include({ status: 'changed' })
      expect(table()).to.equal('')
      expect(readFileSync(String(gone.values['backup_file']), 'utf8')).to.equal(line)
      expect(await run({ name: given.name, state: 'absent', backup: true })).to.include({ status: 'ok' })
    })

    it('keeps what others wrote, and sets variables', async () => {
      const { host, run, table } = start()
      const many = '# a note of somebody\n1 1 * * * something\n'.repeat(20_000)
      writeFileSync(`${host.folder}/own`, many)
      await run({ name: 'PATH', env: true, job: '/bin' })
      await run({ name: 'SHELL', env: true, value: undefined, job: '/bin/sh', insertafter: 'PATH' })
      await run({ name: 'n', job: 'x', special_time: 'reboot', disabled: true })
      expect(table()).to.equal(`PATH="/bin"\nSHELL="/bin/sh"\n${many}#Ansible: n\n#@reboot x\n`)
      const failed = await run({ name: 'X', env: true, job: 'x', insertbefore: 'Y' })
      expect(failed.message).to.equal("Variable named 'Y' not found.")
      const refused = await run({ name: 'b', job: 'broken' })
      expect(refused).to.include({ status: 'failed' })
      expect(refused.message).to.contain('bad minute')
    })

    it('writes a file of its own for cron, and removes it when nothing is left', async () => {
      const host = testHost(program)
      const file = `${host.folder}/fate-job`
      const given = { name: 'n', job: 'x', user: 'root', cron_file: file, hour: '2' }
      const dry = await call(host, cron, given, DRY)
      expect(existsSync(file)).to.equal(false)
      const made = await call(testHost(program), cron, given)
      expect(made.values).to.deep.equal({ ...dry.values, cron_file: file })
      expect(readFileSync(file, 'utf8')).to.equal('#Ansible: n\n* 2 * * * root x\n')
      expect(statSync(file).mode & 0o777).to.equal(0o644)
      const gone = { name: 'n', state: 'absent', cron_file: file }
      expect(await call(testHost(program), cron, gone)).to.include({ status: 'changed' })
      expect(existsSync(file)).to.equal(false)
      expect(await call(testHost(program), cron, gone)).to.include({ status: 'ok' })
    })

    it('says what is wrong, in a dry run too', async () => {
      for (const options of [{}, DRY]) {
        const { host, run } = start()
        const said = async (params: object) => (await run({ name: 'n', ...params }, options)).message
        expect(await said({})).to.equal("You must specify 'job' to install a new cron job or variable")
        expect(await said({ job: 'x', special_time: 'daily', hour: '1' })).to.match(/time and date fields or/)
        expect(await said({ job: 'x', cron_file: 'f' })).to.match(/you must specify user/)
        expect(await said({ job: 'x', cron_file: '/etc/crontab', user: 'root' })).to.match(/Will not manage/)
        expect(await said({ job: 'x', insertafter: 'A' })).to.match(/only with env=yes/)
        expect(await said({ name: 'a b', job: 'x', env: true })).to.equal(
          'Invalid name for environment variable',
        )
        expect(await said({ job: 'x', user: 'root', cron_file: '/none/f' })).to.match(
          /folder \/none does not exist/,
        )
        const bare = await call(
          host,
          cron,
          { name: 'n', job: 'x' },
          { ...options, environment: { PATH: '/none' } },
        )
        expect(bare.message).to.match(/^the host has no crontab; install cron/)
        const odd = await run(
          { name: 'n', job: 'a\nb', user: 'root', cron_file: `${host.folder}/a.b` },
          options,
        )
        expect(odd.values['warnings']).to.have.length(2)
      }
    })
  })
}

it('cron passes over the lines that some programs put above a crontab', () => {
  const asks = cron.probe!(withDefaults(cron as never, { name: 'n', job: 'x' }) as never, undefined)
  const read = (stdout: string) => {
    const ask = asks[0] as OwnAsk
    return ask.read({ stdout, stderr: '', code: 0 })['sha1']
  }
  const header =
    '# DO NOT EDIT THIS FILE - edit the master and reinstall.\n# (/tmp/x installed on Mon)\n# (Cron version V5)\n'
  expect(read(`${header}# mine\n1 1 * * * x\n`)).to.equal(contentOf('# mine\n1 1 * * * x\n').sha1)
})
