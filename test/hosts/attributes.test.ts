import { expect } from 'chai'
import { join } from 'node:path'
import { contentOf } from '../../engine/content.js'
import { writeTar } from '../../engine/module/archive/tar-write.js'
import copy from '../../modules/copy.js'
import file from '../../modules/file.js'
import lineinfile from '../../modules/lineinfile.js'
import unarchive from '../../modules/unarchive.js'
import { call, testController, testHost, type TestHost } from '../support/envelope.js'
import { shellOn, useLab } from '../support/lab.js'

const DRY = { checkMode: true }

describe('attributes of the file system', function () {
  this.timeout(60_000)
  const lab = useLab(['debian', 'busybox'])
  const hostOf = (number: number): TestHost =>
    testHost([join(import.meta.dirname, '../../lab/lab'), 'run', lab().name, String(number), 'sh'])
  const shown = async (path: string): Promise<string> =>
    (await shellOn(lab(), 1, `lsattr -d ${path}`)).split(' ')[0]!.replaceAll(/[-e]/g, '')

  before(() => shellOn(lab(), 1, 'mkdir -p /srv/attributes'))
  after(() => shellOn(lab(), 1, 'chattr -R -ia /srv/attributes; rm -rf /srv/attributes'))

  it('make a dry run foretell what is refused, in a folder too, until the lock is gone', async () => {
    const host = hostOf(1)
    const folder = '/srv/attributes/locked'
    await shellOn(lab(), 1, `mkdir ${folder}; echo a >${folder}/a; chattr +i ${folder}/a ${folder}`)
    for (const [module, params] of [
      [copy, { dest: `${folder}/a`, content: 'b' }],
      [copy, { dest: `${folder}/new`, content: 'b' }],
      [lineinfile, { path: `${folder}/a`, line: 'b' }],
      [file, { path: `${folder}/a`, state: 'absent' }],
      [file, { path: `${folder}/a`, mode: '0600', attributes: '-i' }],
    ] as const) {
      for (const options of [DRY, {}]) {
        const refused = await call(host, module, params, options)
        expect(refused.status, JSON.stringify(params)).to.equal('failed')
        expect(refused.message).to.include('Operation not permitted')
      }
    }
    expect(await shellOn(lab(), 1, `ls -A ${folder}`)).to.equal('a')
    for (const options of [DRY, {}]) {
      const dry = hostOf(1)
      for (const path of [folder, `${folder}/a`])
        expect(await call(dry, file, { path, attributes: '-i' }, options)).to.include({ status: 'changed' })
      const written = await call(dry, copy, { dest: `${folder}/a`, content: 'b' }, options)
      expect(written, written.message).to.include({ status: 'changed' })
    }
  })

  it('are given to all that an archive brings, folders last, and do not count a second time', async () => {
    const tar = writeTar([
      { name: 'in', type: 'directory', mode: 0o755 },
      { name: 'in/a', type: 'file', mode: 0o644, data: Buffer.from('a') },
      { name: 'in/l', type: 'link', mode: 0o777, target: 'a' },
    ])
    const controller = { ...testController(), content: async () => contentOf(tar) }
    const host = hostOf(1)
    const params = { src: 'a.tar', dest: '/srv/attributes', attributes: '+i' }
    const first = await call(host, unarchive, params, { controller })
    expect(first, first.message).to.include({ status: 'changed' })
    expect([await shown('/srv/attributes/in'), await shown('/srv/attributes/in/a')]).to.deep.equal(['i', 'i'])
    const again = await call(host, unarchive, params, { controller })
    expect(again, again.message).to.include({ status: 'ok' })
  })

  it('reach what is below a folder', async () => {
    await shellOn(lab(), 1, 'mkdir -p /srv/attributes/deep/in; touch "/srv/attributes/deep/in/a b"')
    const params = { path: '/srv/attributes/deep', state: 'directory', recurse: true, attributes: '+d' }
    for (const status of ['changed', 'ok']) {
      const done = await call(hostOf(1), file, params)
      expect(done, done.message).to.include({ status })
    }
    expect(await shown('"/srv/attributes/deep/in/a b"')).to.equal('d')
  })

  it('are refused with the cure where the host has no chattr', async () => {
    for (const options of [DRY, {}]) {
      const refused = await call(
        hostOf(2),
        copy,
        { dest: '/root/a', content: 'a', attributes: '+d' },
        options,
      )
      expect(refused.message).to.include('the host has no chattr and lsattr; install e2fsprogs')
    }
    expect(await shellOn(lab(), 2, 'ls /root/a 2>&1 || :')).to.include('No such file')
  })
})
