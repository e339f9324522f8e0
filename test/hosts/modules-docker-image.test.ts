import { expect } from 'chai'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { readTar } from '../../engine/module/archive/tar-read.js'
import { writeTar } from '../../engine/module/archive/tar-write.js'
import type { Converged } from '../../engine/run/target.js'
import docker_image from '../../modules/docker_image.js'
import docker_image_export from '../../modules/docker_image_export.js'
import docker_image_load from '../../modules/docker_image_load.js'
import docker_login from '../../modules/docker_login.js'
import { call, testHost, type TestHost } from '../support/envelope.js'
import { useLab } from '../support/lab.js'
import { ACCOUNT, startRegistry, type Registry } from '../support/real-registry.js'

const IMAGES = 'docker images --format "{{.Repository}}"'

describe('docker_image', function () {
  this.timeout(120_000)
  const lab = useLab(['debian:docker', 'debian:docker'])
  let registry: Registry
  const said = async (script: string): Promise<string> =>
    (await lab().run(1, ['sh', '-c', script])).stdout.trim()
  const hostOf = (number: number): TestHost =>
    testHost([join(import.meta.dirname, '../../lab/lab'), 'run', lab().name, String(number), 'sh'])
  const images = (): Promise<string> =>
    said('docker images --no-trunc --format "{{.Repository}}:{{.Tag}} {{.ID}}" | sort; ls -l /root')

  /** Foretold, done, and then nothing to do. */
  async function once3(params: Record<string, unknown>, module: unknown = docker_image): Promise<Converged> {
    const before = await images()
    const dry = await call(hostOf(1), module, params, { checkMode: true })
    expect(dry, dry.message).to.include({ status: 'changed', changed: true })
    expect(await images()).to.equal(before)
    const done = await call(hostOf(1), module, params)
    expect(done, done.message).to.include({ status: 'changed' })
    expect(dry.values['actions']).to.deep.equal(done.values['actions'])
    const host = hostOf(1)
    const again = await call(host, module, params)
    expect(again, again.message).to.include({ status: 'ok', changed: false })
    expect(again.values['actions'] ?? []).to.deep.equal([])
    expect(host.connection.counts.roundTrips).to.equal(1)
    return done
  }

  async function refused(params: Record<string, unknown>): Promise<string> {
    const results = [
      await call(hostOf(1), docker_image, params, { checkMode: true }),
      await call(hostOf(1), docker_image, params),
    ]
    expect(results.map(({ status }) => status)).to.deep.equal(['failed', 'failed'])
    return results[0]!.message!
  }

  before(async () => {
    registry = await startRegistry(`fp-${lab().name}-1`)
    await said(
      'mkdir /tmp/i && echo hi >/tmp/i/f && tar -C /tmp/i -c f | docker import - fp/tiny:1 && docker save fp/tiny:1 >"/root/it\'s tiny.tar" && docker rmi fp/tiny:1',
    )
  })
  after(() => registry.stop())

  it('logs in, and says when the registry does not take the password', async () => {
    const params = { registry_url: 'localhost:5000', ...ACCOUNT }
    const wrong = await call(hostOf(1), docker_login, { ...params, password: 'wrong one' })
    expect(wrong).to.include({ status: 'failed' })
    expect(JSON.stringify(wrong))
      .to.match(/401 Unauthorized/)
      .and.not.include('wrong one')
    const done = await once3(params, docker_login)
    expect(done.values['login_results']).to.deep.equal({ serveraddress: 'localhost:5000', username: 'fate' })
    expect(JSON.stringify(done.diffs)).to.include('fate').and.not.include('s3cret')
    const again = await call(hostOf(1), docker_login, { ...params, reauthorize: true })
    expect(again, again.message).to.include({ status: 'ok', changed: false })
    const stale = await call(
      hostOf(1),
      docker_login,
      { ...params, password: 'other one' },
      { checkMode: true },
    )
    expect(stale).to.include({ status: 'changed' })
    await once3({ ...params, config_path: "/root/it's/cfg" }, docker_login)
    expect(await said(`stat -c %a "/root/it's/cfg"; ls /tmp | grep ^tmp`)).to.equal('600')
  })

  it('loads, names, saves, pushes, pulls and removes, each once and as foretold', async () => {
    const loaded = await once3({
      name: 'fp/tiny',
      tag: '1',
      source: 'load',
      load_path: "/root/it's tiny.tar",
    })
    expect((loaded.values['image'] as { RepoTags: string[] }).RepoTags).to.deep.equal(['fp/tiny:1'])
    await once3({ name: 'fp/tiny:1', repository: 'localhost:5000/fp/tiny' })
    await once3({ name: 'fp/tiny:1', archive_path: '/root/saved.tar' })
    expect(await said('tar -tf /root/saved.tar')).to.include('manifest.json')
    await once3({ name: 'fp/tiny:1', repository: 'localhost:5000/fp/tiny:one', push: true })
    await once3({ name: 'localhost:5000/fp/tiny:1', push: true })
    await once3({ name: 'localhost:5000/fp/tiny:one', state: 'absent' })
    await once3({ name: 'localhost:5000/fp/tiny:one', source: 'pull' })
    expect(
      await said(
        'docker image inspect --format "{{.Id}}" fp/tiny:1 localhost:5000/fp/tiny:one | uniq | wc -l',
      ),
    ).to.equal('1')
    for (const name of ['fp/tiny:1', 'localhost:5000/fp/tiny:1', 'localhost:5000/fp/tiny:one']) {
      await once3({ name, state: 'absent' })
    }
    expect(await said(IMAGES)).to.equal('')
  })

  it('takes a name from another image only when told to', async () => {
    await said(
      'for n in 1 2; do echo $n >/tmp/i/f; tar -C /tmp/i -c f | docker import - fp/two:$n; done; docker tag fp/two:1 fp/name:1',
    )
    const params = { name: 'fp/two:2', repository: 'fp/name:1' }
    expect(await call(hostOf(1), docker_image, params)).to.include({ status: 'ok' })
    await once3({ ...params, force_tag: true })
    await said('docker rmi -f fp/two:1 fp/two:2 fp/name:1')
  })

  it('says what is wrong before anything is done', async () => {
    expect(await refused({ name: 'fp/none:1' })).to.match(/has no image fp\/none:1; say where it comes from/)
    expect(await refused({ name: 'fp/none:1', source: 'local' })).to.match(/has no image/)
    const load = { name: 'fp/none:1', source: 'load' }
    expect(await refused({ ...load, load_path: '/root/none.tar' })).to.match(
      /does not exist on the host; copy it there/,
    )
    expect(await refused({ ...load, load_path: "/root/it's tiny.tar" })).to.match(
      /does not hold the image fp\/none:1, but fp\/tiny:1/,
    )
    expect(await refused({ name: '--help', state: 'absent' })).to.match(/is not the name of an image/)
    expect(await said(IMAGES)).to.equal('')
  })

  it('writes images to one file, goes on after a cut, and brings another host the layers that it lacks', async () => {
    await said(
      'echo base >/tmp/i/f; tar -C /tmp/i -c f | docker import - fp/base:1; printf "FROM fp/base:1\\nCOPY f /g\\n" >/tmp/i/Dockerfile; docker build -q -t fp/more:1 /tmp/i',
    )
    const params = { names: ['fp/base:1', 'fp/more:1'], path: "/root/it's.tar", compress: true }
    // What a run that was cut off has left: a layer half written, and one of another image.
    await said(
      `mkdir "/root/.it's.tar.fplay-part" && cd "/root/.it's.tar.fplay-part" && echo half >now && mkdir one`,
    )
    await once3(params, docker_image_export)
    expect(await said('ls -A /root')).not.to.include('fplay-part')
    const entries = (await said(`tar -tf "/root/it's.tar"`)).split('\n')
    expect(entries.slice(0, 2)).to.deep.equal(['manifest.json', 'SHA1SUMS'])
    // Two layers and two configurations: what the images share is there once.
    expect(entries).to.have.length(6)

    const src = join(mkdtempSync(join(tmpdir(), 'fplay-images-')), 'images.tar')
    writeFileSync(src, Buffer.from(await said(`base64 "/root/it's.tar"`), 'base64'))
    const other = async (names: string[], status: string): Promise<void> => {
      for (const checkMode of [true, false]) {
        const done = await call(hostOf(2), docker_image_load, { src, names }, { checkMode })
        expect(done, done.message).to.include({ status })
      }
    }
    await other(['fp/base:1'], 'changed')
    // The second does not bring the layer of the first again: the file has none that would do.
    const cut = readFileSync(src)
    const [base] = JSON.parse(readTar(cut)[0]!.data!.toString())[0].Layers as string[]
    const without = readTar(cut).map((entry) =>
      entry.name === base ? { ...entry, data: Buffer.from('no') } : entry,
    )
    writeFileSync(src, writeTar(without.filter(({ name }) => name !== 'SHA1SUMS')))
    await other(['fp/more:1'], 'changed')
    await other(['fp/base:1', 'fp/more:1'], 'ok')
    await lab().run(2, ['docker', 'rmi', 'fp/more:1', 'fp/base:1'])
    await said('docker rmi fp/more:1 fp/base:1; docker load -i "/root/it\'s.tar"')
    expect((await said(IMAGES)).split('\n')).to.have.members(['fp/more', 'fp/base'])
    await said('docker rmi fp/more:1 fp/base:1; rm "/root/it\'s.tar"')
    rmSync(dirname(src), { recursive: true })
  })

  it('loads what the host lacks of a file, whose names a dry run knows', async () => {
    const path = '/root/two.tar'
    await said(
      `for n in 1 2; do echo l$n >/tmp/i/f; tar -C /tmp/i -c f | docker import - fp/load:$n; done; docker save fp/load:1 fp/load:2 | gzip >${path}; docker rmi fp/load:1`,
    )
    const done = await once3({ path }, docker_image_load)
    expect(done.values['image_names']).to.have.members(['fp/load:1', 'fp/load:2'])
    const tags = (done.values['images'] as { RepoTags: string[] }[]).flatMap((image) => image.RepoTags)
    expect(tags).to.deep.equal(done.values['image_names'])
    await said('docker rmi fp/load:1 fp/load:2')
    const host = hostOf(1)
    await call(host, docker_image_load, { path }, { checkMode: true })
    const local = await call(host, docker_image, { name: 'fp/load:2', source: 'local' }, { checkMode: true })
    expect(local, local.message).to.include({ status: 'ok' })
    await said('echo nothing >/root/none.tar')
    for (const [name, why] of [
      ['none', /is not a file of images; make it with docker save/],
      ['absent', /does not exist on the host/],
    ] as const) {
      const params = { path: `/root/${name}.tar` }
      const dry = await call(hostOf(1), docker_image_load, params, { checkMode: true })
      expect(dry).to.include({ status: 'failed' })
      expect(dry.message).to.match(why)
    }
  })

  it('builds, and counts as changed only what then is another image', async () => {
    await said(
      "mkdir -p /srv/b && printf 'FROM scratch\\nARG V\\nLABEL v=$V\\nCOPY f /f\\n' >/srv/b/Dockerfile && echo 1 >/srv/b/f",
    )
    const params = {
      name: 'fp/built:1',
      source: 'build',
      build: { path: '/srv/b', args: new Map([['V', '$(x) "y"']]) },
    }
    const done = await once3(params)
    expect((done.values['image'] as { Config: { Labels: object } }).Config.Labels).to.deep.equal({
      v: '$(x) "y"',
    })
    expect(done.values['stdout']).to.include('Step 4/4')
    const same = await call(hostOf(1), docker_image, { ...params, force_source: true })
    expect(same, same.message).to.include({ status: 'ok', changed: false })
    await said('echo 2 >/srv/b/f')
    const dry = await call(hostOf(1), docker_image, { ...params, force_source: true }, { checkMode: true })
    expect(dry).to.include({ status: 'undecided', changed: true })
    const other = await call(hostOf(1), docker_image, { ...params, force_source: true })
    expect(other, other.message).to.include({ status: 'changed' })
    expect(await refused({ ...params, name: 'fp/b:2', build: { path: '/srv/none' } })).to.match(
      /does not exist/,
    )
    expect(await refused({ ...params, name: 'fp/b:2', build: { path: '/srv/b', dockerfile: 'D' } })).to.match(
      /no \/srv\/b\/D on the host; name it/,
    )
    await said('docker rmi fp/built:1; docker image prune -f')
  })

  it('pulls again only when the registry has another image', async () => {
    const name = 'localhost:5000/fp/moved:1'
    const make = (text: string): Promise<string> =>
      said(`echo ${text} >/tmp/i/f; tar -C /tmp/i -c f | docker import - ${name} && docker push ${name}`)
    await make('new')
    await make('newer')
    await said(`docker rmi ${name}; echo old >/tmp/i/f; tar -C /tmp/i -c f | docker import - ${name}`)
    await once3({ name, source: 'pull', force_source: true })
    await said(`docker rmi ${name}; docker image prune -f`)
  })

  it('does not push what the registry has', async () => {
    await said(
      'echo 3 >/tmp/i/f; tar -C /tmp/i -c f | docker import - localhost:5000/fp/three:1; docker push localhost:5000/fp/three:1',
    )
    expect(await call(hostOf(1), docker_image, { name: 'localhost:5000/fp/three:1', push: true })).to.include(
      { status: 'ok' },
    )
    await said('docker rmi localhost:5000/fp/three:1')
  })
})
