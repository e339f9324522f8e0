import { expect } from 'chai'
import { gzipSync } from 'node:zlib'
import { contentOf } from '../../engine/content.js'
import { writeTar } from '../../engine/module/archive/tar-write.js'
import { emptyForecast, type Forecast } from '../../engine/run/forecast.js'
import { Unknown } from '../../engine/unknown.js'
import docker_image from '../../modules/docker_image.js'
import docker_image_load from '../../modules/docker_image_load.js'
import { planOf } from '../support/plan.js'

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
