import { expect } from 'chai'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { contentOf } from '../../engine/content.js'
import { writeTar } from '../../engine/module/archive/tar-write.js'
import { emptyForecast, type Forecast } from '../../engine/run/forecast.js'
import { Unknown } from '../../engine/unknown.js'
import docker_image from '../../modules/docker_image.js'
import docker_image_export from '../../modules/docker_image_export.js'
import docker_image_load from '../../modules/docker_image_load.js'
import { testController } from '../support/envelope.js'
import { planOf, type Plan } from '../support/plan.js'

const [A, B] = ['a'.repeat(64), 'b'.repeat(64)] as const
const ID = { a: `sha256:${A}`, b: `sha256:${B}` }
const MANIFEST = JSON.stringify([
  { Config: `${A}.json`, RepoTags: ['docker.io/library/shop:1', 'reg:5000/shop:1'], Layers: ['x/layer.tar'] },
  { Config: `blobs/sha256/${B}`, RepoTags: null, Layers: [] },
])
const TAR = writeTar([
  { name: 'x/layer.tar', type: 'file', mode: 0o644, data: Buffer.alloc(1500) },
  { name: 'manifest.json', type: 'file', mode: 0o644, data: Buffer.from(MANIFEST) },
])
const PATH = '/srv/images.tar'
const THERE = { paths: { [PATH]: { type: 'file', mtime: 1, size: TAR.length } } } as const
const image = (Id: string, RepoTags: string[], more: object = {}): string =>
  JSON.stringify({ Id, RepoTags, ...more })
const NO_IMAGE = { stdout: '[]\n', stderr: 'Error: No such image: x\n', code: 1 }

/** As an earlier task of a dry run would have copied it. */
function copied(bytes: Buffer | undefined): Forecast {
  const forecast = emptyForecast()
  const late = new Unknown('time')
  const content = bytes === undefined ? new Unknown('bytes') : contentOf(bytes)
  forecast.states.set(`path:${PATH}`, { type: 'file', mtime: late, content, below: 'none' })
  return forecast
}

describe('docker_image_load', () => {
  const load = { path: PATH }
  const key = `image archive:${PATH}`

  it('wants each image of the file under its names, or under its id', () => {
    const none = {
      [key]: { stdout: `manifest\n${MANIFEST}\nimages\n`, stderr: 'Error: No such image: shop:1\n' },
    }
    expect(planOf(docker_image_load, load, none, THERE).differs).to.deep.equal({
      'image:shop:1.id': ID.a,
      'image:reg:5000/shop:1.id': ID.a,
      [`image:${ID.b}.id`]: ID.b,
    })
    const all = `manifest\n${MANIFEST}\nimages\n${image(ID.a, ['shop:1', 'reg:5000/shop:1'])}\n${image(ID.b, [])}\n`
    expect(planOf(docker_image_load, load, { [key]: all }, THERE).differs).to.deep.equal({})
    const moved = `manifest\n${MANIFEST}\nimages\n${image(ID.a, ['shop:1'])}\n${image(ID.b, ['reg:5000/shop:1'])}\n`
    expect(Object.keys(planOf(docker_image_load, load, { [key]: moved }, THERE).differs)).to.deep.equal([
      'image:reg:5000/shop:1.id',
    ])
  })

  it('knows in a dry run what is in a file that is not there yet, however large or packed', () => {
    const absent = Object.fromEntries(
      ['shop:1', 'reg:5000/shop:1', ID.b].map((name) => [`image:${name}`, NO_IMAGE]),
    )
    for (const bytes of [TAR, gzipSync(TAR)]) {
      const forecast = copied(bytes)
      const plan = planOf(docker_image_load, load, absent, { forecast })
      expect(Object.keys(plan.differs)).to.have.length(3)
      const local = { name: 'shop:1', source: 'local', archive_path: undefined }
      expect(planOf(docker_image, local, absent, { forecast })).to.deep.include({ differs: {} })
      expect(planOf(docker_image_load, load, absent, { forecast }).differs).to.deep.equal({})
    }
    const late = planOf(docker_image_load, load, absent, { forecast: copied(undefined) })
    expect(Object.keys(late.differs)).to.deep.equal(['run:docker load.run'])
    expect(
      planOf(docker_image_load, load, absent, { forecast: copied(Buffer.from('text')) }).failed,
    ).to.match(/not a file of images/)
  })
})

describe('docker_image_load with src', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fplay-images-'))
  after(() => rmSync(folder, { recursive: true }))
  const src = join(folder, 'images.tar')
  const config = { name: `${A}.json`, type: 'file', mode: 0o644 } as const
  const diffs = Buffer.from('{"rootfs":{"diff_ids":["sha256:1"]}}')
  const listed = [{ Config: `${A}.json`, RepoTags: ['shop:1', 'mysql:8'], Layers: ['1.tar'] }]
  const manifest = Buffer.from(JSON.stringify(listed))
  writeFileSync(
    src,
    writeTar([
      { name: 'manifest.json', type: 'file', mode: 0o644, data: manifest },
      { ...config, data: diffs },
      { ...config, name: '1.tar', data: Buffer.from('layer') },
    ]),
  )
  const there = (id: string): string => JSON.stringify([{ Id: id }])

  async function plan(given: object, outputs: Record<string, unknown>): Promise<Plan> {
    const params = { src, ...given }
    const local = await docker_image_load.prepare!(params as never, testController())
    return planOf(docker_image_load, params, outputs as never, { local })
  }

  it('asks for layers only where an image is missing, and sends nothing else', async () => {
    const both = { 'image:shop:1': there(ID.a), 'image:mysql:8': there(ID.a) }
    const none = await plan({}, both)
    expect(none).to.deep.include({ differs: {}, script: '' })
    expect(none.asks.map((ask) => (ask as { key: string }).key)).to.deep.equal(Object.keys(both))
    const layers = { 'image layers:all': '[["Backing Filesystem","extfs"]]\n["sha256:9"]\n' }
    const moved = { ...both, 'image:mysql:8': there(ID.b), ...layers }
    expect(await plan({}, moved)).to.deep.include({ differs: { 'image:mysql:8.id': ID.a } })
    expect(await plan({ names: ['shop:1'] }, moved)).to.deep.include({ differs: {} })
    const absent = await plan(
      { names: ['docker.io/library/mysql:8'] },
      { 'image:mysql:8': NO_IMAGE, ...layers },
    )
    expect(absent.differs).to.deep.equal({ 'image:mysql:8.id': ID.a })
    expect(absent.script).to.match(/^{ fplay_input 1 \d+\n} \| docker load$/)
  })

  it('names the images of the file when another is wanted', async () => {
    const refused = await plan({ names: ['shop:2'] }, {}).catch((error: Error) => error.message)
    expect(refused).to.equal(`${src} does not hold shop:2, but shop:1, mysql:8`)
  })
})

describe('docker_image_export', () => {
  const params = { names: ['shop:1', 'mysql'], path: PATH, compress: true }
  const there = {
    'image:shop:1': JSON.stringify([{ Id: ID.a }]),
    'image:mysql:latest': JSON.stringify([{ Id: ID.b }]),
  }
  const listed = (...images: [string, string][]): string =>
    `manifest\n${JSON.stringify(images.map(([id, tag]) => ({ Config: `${id}.json`, RepoTags: [tag], Layers: [] })))}\nimages\n`
  const plan = (archive: string, more: object = {}, outputs: object = there): Plan =>
    planOf(
      docker_image_export,
      { ...params, ...more },
      { ...outputs, [`image archive:${PATH}`]: archive },
      archive === '' ? {} : THERE,
    )

  it('is written only when the file holds other images', () => {
    expect(plan(listed([A, 'shop:1'], [B, 'mysql:latest'])).differs).to.deep.equal({})
    expect(Object.keys(plan(listed([A, 'shop:1'])).differs)).to.deep.equal([`image archive:${PATH}.images`])
    expect(Object.keys(plan(listed([B, 'shop:1'], [B, 'mysql:latest'])).differs)).to.have.length(1)
    expect(Object.keys(plan('').differs)).to.include.members([
      `path:${PATH}.type`,
      `image archive:${PATH}.images`,
    ])
    const forced = plan(listed([A, 'shop:1'], [B, 'mysql:latest']), { force: true })
    expect(Object.keys(forced.differs)).to.deep.equal(['run:export.run'])
  })

  it('refuses images that the host lacks', () => {
    expect(plan('', {}, { ...there, 'image:shop:1': NO_IMAGE }).failed).to.match(
      /no image shop:1; pull it first/,
    )
  })
})

describe('docker_image', () => {
  const found = (id: string): string => JSON.stringify([{ Id: id, Os: 'linux', Architecture: 'amd64' }])
  const plan = (params: object, outputs: object, situation: object = {}) =>
    planOf(docker_image, { name: 'shop:1', ...params }, outputs as never, situation)

  it('is pulled again only when the registry has another one for this platform', () => {
    const remote = (...ids: readonly [string, string][]): string =>
      JSON.stringify(
        ids.map(([architecture, digest]) => ({
          Descriptor: { digest: 'sha256:m', platform: { os: 'linux', architecture } },
          SchemaV2Manifest: { config: { digest } },
        })),
      )
    const pull = { source: 'pull', force_source: true }
    const outputs = (answer: unknown) => ({ 'image:shop:1': found(ID.a), 'remote image:shop:1': answer })
    expect(plan(pull, outputs(remote(['arm64', ID.b], ['amd64', ID.a]))).differs).to.deep.equal({})
    const other = plan(pull, outputs(remote(['arm64', ID.a], ['amd64', ID.b])))
    expect(other).to.deep.include({ differs: { 'image:shop:1.id': ID.b }, script: 'docker pull  -- shop:1' })
    const single = JSON.stringify({
      Descriptor: { digest: 'sha256:m' },
      OCIManifest: { config: { digest: ID.a } },
    })
    expect(plan(pull, outputs(single)).differs).to.deep.equal({})
    expect(plan(pull, outputs({ code: 1, stderr: 'no route' })).undecided).to.deep.equal([
      'whether there is a newer image shop:1',
    ])
    expect(plan({ source: 'pull' }, { 'image:shop:1': found(ID.a) }).differs).to.deep.equal({})
  })

  it('is pushed each time to a registry that only the engine can ask', () => {
    const found = { 'image:shop:1': JSON.stringify([{ Id: ID.a }]) }
    const push = (answer: unknown) => plan({ push: true }, { ...found, 'pushed image:shop:1': answer })
    const https = 'failed to configure transport: error pinging v2 registry: Get "https://10.0.0.1/v2/": '
    for (const end of [
      'dial tcp 10.0.0.1:443: connect: connection refused',
      'http: server gave HTTP response to HTTPS client',
    ])
      expect(Object.keys(push({ code: 1, stderr: https + end }).differs)).to.deep.equal(['run:push.run'])
    expect(push({ code: 1, stderr: 'no such manifest' }).differs).to.deep.equal({
      'pushed image:shop:1.id': ID.a,
    })
  })

  it('is loaded again when the file has another one', () => {
    const load = { source: 'load', load_path: PATH, force_source: true }
    const archive = { [`image archive:${PATH}`]: `manifest\n${MANIFEST}\nimages\n` }
    expect(plan(load, { 'image:shop:1': found(ID.a), ...archive }, THERE).differs).to.deep.equal({})
    expect(plan(load, { 'image:shop:1': found(ID.b), ...archive }, THERE).differs).to.deep.equal({
      'image:shop:1.id': ID.a,
    })
  })

  it('is built with all that is said, its arguments not where others can read them', () => {
    const build = {
      path: '/srv/b/',
      dockerfile: 'D x',
      args: new Map<string, unknown>([
        ['TOKEN', 'hush $1'],
        ['http_proxy', 'p'],
        ['N', true],
      ]),
      cache_from: ['a:1', 'b:2'],
      container_limits: { memory: 100, memswap: -1, cpushares: 5, cpusetcpus: '0-1' },
      etc_hosts: new Map([['h', '1.2.3.4']]),
      network: 'host',
      nocache: true,
      pull: true,
      rm: false,
      target: 'last',
    }
    const file = { type: 'file' } as const
    const paths = { '/srv/b/': { type: 'directory' }, '/srv/b/D x': file }
    const { script } = plan({ source: 'build', build }, { 'image:shop:1': NO_IMAGE }, { paths })
    expect(script).to.equal(
      `export TOKEN='hush $1'\nexport N=True\ndocker build -t shop:1 -f '/srv/b/D x' --build-arg http_proxy=p --build-arg TOKEN --build-arg N --cpuset-cpus 0-1 --cpu-shares 5 --memory 100 --memory-swap -1 --network host --target last --cache-from a:1 --cache-from b:2 --add-host h:1.2.3.4 --no-cache --pull --rm=false -- /srv/b/`,
    )
  })
})
