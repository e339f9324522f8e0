import { expect } from 'chai'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import sysctl from '../../modules/sysctl.js'
import { call, testHost } from '../support/envelope.js'

const DRY = { checkMode: true }

/** A sysctl that keeps the values of settings in files of a folder; it knows those that are there. */
const SYSCTL = `#!/bin/sh
IGNORE=; DO=
while :; do case $1 in -e) IGNORE=1 ;; -n) DO=read ;; -w) DO=write ;; -p) DO=load ;; --) ;; *) break ;; esac; shift; done
set_one() {
  N=$(echo "\${1%%=*}"); V=\${1#*=}
  [ -e "$KERNEL/$N" ] || { [ -n "$IGNORE" ] && return; echo "sysctl: cannot stat $N" >&2; exit 1; }
  case $V in bad*) echo "sysctl: setting key \\"$N\\": Invalid argument" >&2; return ;; esac
  printf '%s\\n' "$V" >"$KERNEL/$N"
}
case $DO in
  read) cat "$KERNEL/$1" ;;
  write) set_one "$1" ;;
  load) while IFS= read -r L; do case $L in ''|'#'*) ;; *) set_one "$L" ;; esac; done <"$1" ;;
esac
`

for (const program of [['dash'], ['busybox', 'sh']]) {
  describe(`sysctl, on ${program.join(' ')}`, () => {
    const start = (values: Readonly<Record<string, string>>) => {
      const host = testHost(program)
      for (const folder of ['bin', 'kernel']) mkdirSync(`${host.folder}/${folder}`)
      writeFileSync(`${host.folder}/bin/sysctl`, SYSCTL)
      chmodSync(`${host.folder}/bin/sysctl`, 0o755)
      for (const [name, value] of Object.entries(values))
        writeFileSync(`${host.folder}/kernel/${name}`, value)
      const file = `${host.folder}/it's $(a) 名.conf`
      const environment = {
        PATH: `${host.folder}/bin:${process.env['PATH']}`,
        KERNEL: `${host.folder}/kernel`,
      }
      const run = (params: object, options: object = {}) =>
        call(host, sysctl, { sysctl_file: file, ...params }, { environment, ...options })
      const kernel = (name: string) => readFileSync(`${host.folder}/kernel/${name}`, 'utf8').trim()
      return { host, run, file, kernel }
    }

    it('puts a setting into the file and lets it count, once, as foreseen', async () => {
      const { host, run, file, kernel } = start({ 'a.b': '0\n' })
      const given = { name: 'a.b', value: 'yes' }
      const dry = await run(given, DRY)
      expect(dry, dry.message).to.include({ status: 'changed' })
      expect([existsSync(file), kernel('a.b')]).to.deep.equal([false, '0'])
      expect(await run(given, DRY)).to.include({ status: 'ok' })
      host.forecast.states.clear()
      const made = await run(given)
      expect(made, made.message).to.include({ status: 'changed' })
      expect(made.values).to.deep.equal({ name: 'a.b', value: '1', state: 'present' })
      expect([readFileSync(file, 'utf8'), kernel('a.b')]).to.deep.equal(['a.b=1\n', '1'])
      const trips = host.connection.counts.roundTrips
      expect(await run(given)).to.include({ status: 'ok' })
      expect(host.connection.counts.roundTrips - trips).to.equal(1)
      writeFileSync(`${host.folder}/kernel/a.b`, '7')
      expect(await run(given)).to.include({ status: 'changed' })
      expect(kernel('a.b')).to.equal('1')
      expect(await run({ ...given, state: 'absent' })).to.include({ status: 'changed' })
      expect(readFileSync(file, 'utf8')).to.equal('')
      expect(await run({ ...given, state: 'absent' })).to.include({ status: 'ok' })
    })

    it('keeps comments and other settings, and takes values of several words', async () => {
      const { run, file, kernel } = start({ x: '1\t2\n', y: '0' })
      writeFileSync(file, '# note\n\n  y = 3\nx=9 9\ny=4\n; other')
      expect(await run({ name: 'x', value: ' 1 2 ', reload: false, sysctl_set: true })).to.include({
        status: 'changed',
      })
      expect(readFileSync(file, 'utf8')).to.equal('# note\n\ny=3\nx=1 2\n; other\n')
      expect(kernel('y')).to.equal('0')
      await run({ name: 'x', value: '5', reload: false })
      expect(kernel('x')).to.equal('1\t2')
      await run({ name: 'x', value: '6', reload: false, sysctl_set: true })
      expect(kernel('x')).to.equal('6')
    })

    it('fails where the kernel knows no such setting, or refuses the value', async () => {
      const { host, run, file } = start({ a: '1' })
      for (const options of [DRY, {}]) {
        const missing = await run({ name: "-n 'x' $(id)", value: '1' }, options)
        expect(missing.message).to.match(/failed: the kernel has no such setting; load its module/)
        expect((await run({ name: ' ', value: '1' }, options)).message).to.equal('name cannot be blank')
        expect((await run({ name: 'a', value: '' }, options)).message).to.equal('value cannot be blank')
        const away = await run({ name: 'a', value: '2', sysctl_file: `${host.folder}/no/f` }, options)
        expect(away.message).to.match(/no does not exist/)
        expect(existsSync(file)).to.equal(false)
      }
      const refused = await run({ name: 'a', value: 'bad' })
      expect(refused.message).to.contain('Failed to reload sysctl: sysctl: setting key "a": Invalid argument')
      const ignored = { name: 'none', value: '1', ignoreerrors: true, sysctl_file: `${file}2` }
      expect(await run(ignored)).to.include({ status: 'changed' })
      expect(await run(ignored)).to.include({ status: 'ok' })
    })
  })
}
