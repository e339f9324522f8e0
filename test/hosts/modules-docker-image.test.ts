import { expect } from 'chai'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Converged } from '../../engine/run/target.js'
import copy from '../../modules/copy.js'
import docker_image from '../../modules/docker_image.js'
import { call, testHost, type TestHost } from '../support/envelope.js'
import { useLab } from '../support/lab.js'

/** A registry beside the Docker Engine of a host, where docker asks for no certificate. */
async function registryOn(namespace: string): Promise<ChildProcess> {
  const script = join(import.meta.dirname, '../support/registry-double.ts')
  const words = [`--net=/run/netns/${namespace}`, process.execPath, '--import', 'tsx', script, '5000']
  const registry = spawn('nsenter', words, { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(registry.stdout, 'data')
  return registry
}

/** Other suites on the same hosts have images too. */
const OWN_IMAGES = 'docker images --format "{{.Repository}}" | grep -E "^(fp|localhost:5000)/" || :'

describe('docker_image', function () {
  this.timeout(120_000)
  const lab = useLab(['debian:docker', 'debian:docker'])
  let registry: ChildProcess
  const said = async (script: string): Promise<string> =>
    (await lab().run(1, ['sh', '-c', script])).stdout.trim()
  const hostOf = (number: number): TestHost =>
    testHost([join(import.meta.dirname, '../../lab/lab'), 'run', lab().name, String(number), 'sh'])
  const images = (): Promise<string> =>
    said('docker images --no-trunc --format "{{.Repository}}:{{.Tag}} {{.ID}}" | sort; ls -l /root')

  /** Foretold, done, and then nothing to do. */
  async function once3(params: Record<string, unknown>): Promise<Converged> {
    const before = await images()
    const dry = await call(hostOf(1), docker_image, params, { checkMode: true })
    expect(dry, dry.message).to.include({ status: 'changed', changed: true })
    expect(await images()).to.equal(before)
    const done = await call(hostOf(1), docker_image, params)
    expect(done, done.message).to.include({ status: 'changed' })
    expect(dry.values['actions']).to.deep.equal(done.values['actions'])
    const again = await call(hostOf(1), docker_image, params)
    expect(again, again.message).to.include({ status: 'ok', changed: false })
    expect(again.values['actions']).to.deep.equal([])
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
    registry = await registryOn(`fp-${lab().name}-1`)
    await said(
      'mkdir /tmp/i && echo hi >/tmp/i/f && tar -C /tmp/i -c f | docker import - fp/tiny:1 && docker save fp/tiny:1 >"/root/it\'s tiny.tar" && docker rmi fp/tiny:1',
    )
  })
  after(() => registry.kill())

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
    expect(await said(OWN_IMAGES)).to.equal('')
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
    expect(await said(OWN_IMAGES)).to.equal('')
  })

  it('believes that a file which the dry run would have copied holds the image', async () => {
    const host = hostOf(1)
    const options = { checkMode: true }
    await call(host, copy, { dest: '/root/later.tar', content: 'an image' }, options)
    const params = { name: 'fp/tiny:1', source: 'load', load_path: '/root/later.tar' }
    expect(await call(host, docker_image, params, options)).to.include({ status: 'changed' })
    expect(await call(host, docker_image, params, options)).to.include({ status: 'ok' })
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
