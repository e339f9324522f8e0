import { expect } from 'chai'
import { emptyForecast, type Forecast } from '../../engine/run/forecast.js'
import docker_prune from '../../modules/docker_prune.js'
import { planOf, type Plan } from '../support/plan.js'

const NOW = 1_800_000_000
const ago = (seconds: number): string =>
  new Date((NOW - seconds) * 1000).toISOString().replace('Z', '123456Z')
const lines = (things: readonly object[]): string => things.map((one) => `${JSON.stringify(one)}\n`).join('')

const CONTAINERS = [
  {
    Id: 'c1',
    Name: '/run',
    Created: ago(9000),
    State: { Status: 'running' },
    Image: 'sha256:a',
    Config: {},
    Mounts: [{ Name: 'used' }],
  },
  {
    Id: 'c2',
    Name: '/done',
    Created: ago(9000),
    State: { Status: 'exited' },
    Image: 'sha256:b',
    Config: { Labels: { keep: 'yes' } },
    Mounts: [{ Name: 'idle' }],
  },
  {
    Id: 'c3',
    Name: '/new',
    Created: ago(60),
    State: { Status: 'created' },
    Image: 'sha256:a',
    Config: { Labels: null },
    Mounts: [],
  },
]
const IMAGES = [
  { Id: 'sha256:a', RepoTags: ['shop:1'], Parent: '', Created: ago(99999), Config: {} },
  {
    Id: 'sha256:b',
    RepoTags: [],
    RepoDigests: ['shop@sha256:1'],
    Parent: '',
    Created: ago(99999),
    Config: {},
  },
  { Id: 'sha256:c', RepoTags: [], Parent: 'sha256:d', Created: ago(99999), Config: {} },
  { Id: 'sha256:d', RepoTags: [], Parent: '', Created: ago(99999), Config: {} },
  { Id: 'sha256:e', RepoTags: ['spare:1', 'spare:2'], Parent: '', Created: ago(10), Config: {} },
]
const NETWORKS = [
  { Id: 'n1', Name: 'bridge', Scope: 'local', Containers: {}, Created: ago(1) },
  { Id: 'n2', Name: 'held', Scope: 'local', Containers: { c1: { Name: 'run' } }, Created: ago(1) },
  { Id: 'n3', Name: 'free', Scope: 'local', Containers: {}, Labels: { a: 'b' }, Created: ago(1) },
]
const VOLUMES = [
  { Name: 'used', Driver: 'local', Options: null, Labels: null },
  { Name: 'idle', Driver: 'local', Options: null, Labels: null },
  { Name: 'spare', Driver: 'local', Options: null, Labels: null },
  { Name: 'nfs', Driver: 'local', Options: { type: 'nfs' }, Labels: null },
  { Name: 'nameless', Driver: 'local', Options: null, Labels: { 'com.docker.volume.anonymous': '' } },
]
const host = (api = '1.41', cache = '[]'): string =>
  `now\n${NOW}\napi\n${api}\ncontainers\n${lines(CONTAINERS)}images\n${lines(IMAGES)}networks\n${lines(NETWORKS)}volumes\n${lines(VOLUMES)}cache\n${cache}\n`

const plan = (params: object, output = host(), forecast: Forecast = emptyForecast()): Plan =>
  planOf(docker_prune, params as never, { 'docker:present': output }, { forecast })
const goes = (params: object, output?: string, forecast?: Forecast): string[] =>
  Object.keys(plan(params, output, forecast).differs).map((key) => key.replace(/\.\w+$/, ''))

describe('docker_prune', () => {
  it('takes containers that do not run, as the filters say', () => {
    expect(goes({ containers: true })).to.deep.equal(['container:done', 'container:new'])
    const filtered = (filters: object): string[] =>
      goes({ containers: true, containers_filters: new Map(Object.entries(filters)) })
    for (const until of ['1h', '30m90s', String(NOW - 3600), ago(3600)]) {
      expect(filtered({ until }), until).to.deep.equal(['container:done'])
    }
    expect(filtered({ label: 'keep' })).to.deep.equal(['container:done'])
    expect(filtered({ label: ['keep=yes'] })).to.deep.equal(['container:done'])
    expect(filtered({ label: 'keep=no' })).to.deep.equal([])
    expect(filtered({ 'label!': 'keep' })).to.deep.equal(['container:new'])
    expect(plan({ containers: true, containers_filters: new Map([['til', '1h']]) }).failed).to.match(
      /no filter til/,
    )
    expect(plan({ containers: true, containers_filters: new Map([['until', 'soon']]) }).failed).to.match(
      /no moment/,
    )
  })

  it('takes images without names that nothing is made of; all that are not used when told', () => {
    expect(goes({ images: true })).to.deep.equal(['image:sha256:c'])
    expect(goes({ containers: true, images: true })).to.include('image:sha256:b')
    const all = { images: true, images_filters: new Map([['dangling', false]]) }
    expect(goes(all)).to.deep.equal(['image:sha256:c', 'image:sha256:e', 'image:spare:1', 'image:spare:2'])
    expect(plan(all).script).to.equal(`printf '= %s\\n' images; docker image prune -f -a `)
  })

  it("takes networks that no running container holds, and not the engine's own", () => {
    expect(goes({ networks: true })).to.deep.equal(['network:free'])
    expect(goes({ networks: true, networks_filters: new Map([['label', 'a=c']]) })).to.deep.equal([])
  })

  it('takes volumes that no container has; since Docker 23 only those without a name', () => {
    expect(goes({ volumes: true })).to.deep.equal(['volume:spare', 'volume:nameless'])
    expect(goes({ volumes: true, containers: true })).to.include('volume:idle')
    expect(goes({ volumes: true }, host('1.43'))).to.deep.equal(['volume:nameless'])
    const all = { volumes: true, volumes_filters: new Map([['all', true]]) }
    expect(goes(all, host('1.43'))).to.deep.equal(['volume:spare', 'volume:nameless'])
    expect(plan(all, host('1.43')).script).to.match(/docker volume prune -f --filter all=true$/)
    expect(plan({ volumes: true, volumes_filters: new Map([['until', '1h']]) }).failed).to.match(
      /no filter until/,
    )
  })

  it('sees what earlier tasks of a dry run would have done', () => {
    const forecast = emptyForecast()
    forecast.states.set('container:run', { state: 'absent' })
    forecast.states.set('image:shop:1', { id: 'sha256:other' })
    const all = { containers: true, images: true, networks: true, volumes: true }
    expect(goes(all, host(), forecast)).to.include.members([
      'container:done',
      'image:sha256:a',
      'network:held',
      'volume:used',
    ])
    expect(goes(all, host(), forecast)).to.deep.equal([])
  })

  it('does not claim to know what of the builder cache goes', () => {
    expect(plan({ builder_cache: true }).undecided).to.deep.equal([])
    expect(plan({ builder_cache: true }, host('1.41', '[{"ID":"x"}]')).undecided).to.have.length(1)
  })
})
