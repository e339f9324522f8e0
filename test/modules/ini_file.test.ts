import { expect } from 'chai'
import { existsSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import ini_file from '../../modules/ini_file.js'
import { call, testHost } from '../support/envelope.js'

const DRY = { checkMode: true }

for (const program of [['dash'], ['busybox', 'sh']]) {
  describe(`ini_file, on ${program.join(' ')}`, () => {
    it('makes the file and folders above, once, as foreseen and shown', async () => {
      const host = testHost(program)
      const path = `${host.folder}/a/-b's $(c)\n名.ini`
      const given = { path, section: "it's", option: '$(id) "x"', value: '-e `a` \\n 名', mode: '0640' }
      const dry = await call(host, ini_file, given, DRY)
      expect(dry, dry.message).to.include({ status: 'changed' })
      expect(existsSync(`${host.folder}/a`)).to.equal(false)
      const again = await call(host, ini_file, { ...given, value: '2' }, DRY)
      expect(again.diffs.at(-1)!.before).to.equal(dry.diffs.at(-1)!.after)
      expect(await call(host, ini_file, { ...given, value: '2' }, DRY)).to.include({ status: 'ok' })
      host.forecast.states.clear()
      const made = await call(host, ini_file, given)
      expect(made, made.message).to.include({ status: 'changed' })
      expect(made.values).to.include({ path, msg: 'section and option added', state: 'file', mode: '0640' })
      expect(readFileSync(path, 'utf8')).to.equal(`\n[it's]\n$(id) "x" = -e \`a\` \\n 名\n`)
      expect(statSync(path).mode & 0o777).to.equal(0o640)
      const trips = host.connection.counts.roundTrips
      expect(await call(host, ini_file, given)).to.include({ status: 'ok' })
      expect(host.connection.counts.roundTrips - trips).to.equal(1)
    })

    it('keeps what it does not name, in files of any bytes and of a megabyte', async () => {
      const host = testHost(program)
      const path = `${host.folder}/f`
      const big = `${'; comment\nkey = value\n'.repeat(50_000)}[s]\nx = 1\n`
      writeFileSync(path, Buffer.concat([Buffer.from([0xff, 0xfe, 10]), Buffer.from(big)]), { mode: 0o604 })
      symlinkSync('f', `${host.folder}/link`)
      const given = { path: `${host.folder}/link`, section: 's', option: 'x', value: 'ü', backup: true }
      const done = await call(host, ini_file, given)
      expect(done, done.message).to.include({ status: 'changed' })
      const after = readFileSync(path)
      expect(after.subarray(0, 3)).to.deep.equal(Buffer.from([0xff, 0xfe, 10]))
      expect(after.subarray(3).toString()).to.equal(big.replace('x = 1', 'x = ü'))
      expect(statSync(path).mode & 0o777).to.equal(0o604)
      expect(readFileSync(String(done.values['backup_file'])).includes('x = 1')).to.equal(true)
      expect((await call(host, ini_file, given)).values).to.not.have.property('backup_file')
      const removed = await call(host, ini_file, { path, section: 's', state: 'absent' })
      expect(removed.values).to.include({ msg: 'section removed' })
      expect(readFileSync(path).includes('[s]')).to.equal(false)
    })

    it('fails where there is no value, or no file to be made', async () => {
      for (const options of [{}, DRY]) {
        const host = testHost(program)
        const given = { path: `${host.folder}/none`, section: 's', option: 'x' }
        expect((await call(host, ini_file, given, options)).message).to.match(
          /^Parameter 'value\(s\)' must be/,
        )
        const missing = await call(host, ini_file, { ...given, value: '1', create: false }, options)
        expect(missing.message).to.match(/none does not exist/)
        expect(missing.values).to.include({ rc: 257 })
      }
    })
  })
}
