import { expect } from 'chai'
import { emptyForecast } from '../../engine/run/forecast.js'
import { variableFiles } from '../../engine/module/compose/configured.js'
import docker_compose_v2 from '../../modules/docker_compose_v2.js'
import docker_container_exec from '../../modules/docker_container_exec.js'
import type { Module, OwnAsk } from '../../engine/module/contract.js'
import { withDefaults } from '../support/envelope.js'
import { planOf, type Outputs, type Plan } from '../support/plan.js'
import { CONFIG, differs, type Host, IDS, IMAGES, plan, printed, SHOP, UP } from '../support/compose-shop.js'

describe('docker_compose_v2', () => {
  it('has nothing to do when every service has its container, without the configuration', () => {
    for (const kind of ['v1', 'v2'] as const) expect(plan({}, { kind }).differs).to.deep.equal({})
    expect(plan({ wait: true }, { health: 'healthy' }).differs).to.deep.equal({})
    expect(plan({ wait: true }, { health: 'starting' }).failed).to.match(
      /is starting; see: docker logs shop-/,
    )
  })

  it('asks compose once for that, and nothing of networks and volumes', () => {
    const [ask] = plan({}, {}).asks
    const script = (ask as { script: { text: string } }).script.text
    expect(script).to.not.match(/docker (network|volume) ls/)
    expect(script.match(/docker inspect|docker image inspect|docker ps/g)).to.have.length(3)
    expect(
      plan({ state: 'absent' }, {})
        .asks.map((one) => JSON.stringify(one))
        .join(),
    ).to.include('docker network ls')
  })

  it('names the profiles wherever compose is asked for services', () => {
    const params = withDefaults(docker_compose_v2 as object as Module, { ...SHOP, profiles: ['jobs'] })
    const [ask] = docker_compose_v2.probe!(params as never, undefined as never)
    const calls = (ask as OwnAsk).script.text.split('\n').filter((line) => / --project-directory /.test(line))
    expect(calls.length).to.be.greaterThan(2)
    for (const line of calls) expect(line).to.include('--profile jobs')
  })

  it('brings up what differs, and that alone', () => {
    const edited = { hashes: { web: 'h-new', db: 'h-db' }, config: CONFIG }
    expect(plan({}, edited)).to.deep.include({ differs: { 'compose:shop.web.hash': 'h-new' } })
    expect(plan({}, edited).script).to.match(/fplay_project up -d --no-deps -t 0 \$\(fplay_needs web\)$/)
    const stopped = plan({}, { containers: [UP[0]!, ['web', 'h-web', 'exited']], config: CONFIG })
    expect(stopped.differs).to.deep.equal({ 'compose:shop.web.state': 'running' })
    const moved = plan({}, { images: ['sha256:web2 shop/web:1', IMAGES[1]!] })
    expect(moved.differs).to.deep.equal({ 'compose:shop.web.image': 'sha256:web2' })
    expect(differs({ recreate: 'never' }, edited)).to.deep.equal([])
    expect(differs({ recreate: 'always' }, {})).to.have.members(['db.id', 'web.id'])
  })

  it('starts everything on a first deploy, with the services that a chosen one needs', () => {
    const none = { containers: [], config: CONFIG }
    expect(plan({}, none).script).to.match(/fplay_project up -d {1,2}-t 0 $/)
    expect(differs({ services: ['web'] }, none))
      .to.include('db.state')
      .and.include('web.state')
    expect(differs({ services: ['web'], dependencies: false }, none)).to.not.include('db.state')
    expect(plan({ services: ['webb'] }, none).failed).to.match(/no service webb; its services are: db, web/)
    const scaled = plan({ scale: new Map([['web', 3]]) }, none)
    expect(scaled.differs).to.include({ 'compose:shop.web.count': 3 })
  })

  it('pulls and builds as told', () => {
    const none = { images: [IMAGES[1]!], config: CONFIG }
    expect(plan({ pull: 'never' }, { ...none, containers: [] }).failed).to.match(
      /shop\/web:1 of service web is not on the host/,
    )
    const missing = plan({}, { ...none, containers: [] })
    expect(Object.keys(missing.differs)).to.include('image:shop/web:1.id')
    const manifest = (digest: string): string => JSON.stringify({ SchemaV2Manifest: { config: { digest } } })
    const remotes = (web: Outputs[string]): Outputs => ({
      'remote image:shop/web:1': web,
      'remote image:mysql:8': manifest(IDS.db),
    })
    const always = (web: Outputs[string]): Plan => plan({ pull: 'always' }, {}, emptyForecast(), remotes(web))
    expect(always(manifest(IDS.web)).differs).to.deep.equal({})
    const newer = always(manifest('sha256:web2'))
    expect(newer.differs).to.deep.equal({
      'compose:shop.web.image': 'sha256:web2',
      'image:shop/web:1.id': 'sha256:web2',
    })
    expect(newer.script).to.match(
      /fplay_project pull -q web\n[^]*fplay_project up -d --no-deps -t 0 \$\(fplay_needs web\)$/,
    )
    const silent = always({ code: 1, stderr: 'no route' })
    expect(silent.undecided).to.not.be.empty
    const built = CONFIG.replace('    image: shop/web:1', '    build:\n    image: shop/web:1')
    const again = plan({ build: 'always' }, { config: built })
    expect(again.undecided).to.not.be.empty
    expect(again.script).to.match(
      /fplay_project build web\n[^]*fplay_project up -d --no-deps -t 0 \$\(fplay_needs web\)$/,
    )
    expect(plan({ build: 'never' }, { config: built, images: [], containers: [] }).failed).to.match(
      /not on the host/,
    )
  })

  it('sees images, containers and files that earlier tasks of a dry run would have made', () => {
    const forecast = emptyForecast()
    forecast.states.set('image:shop/web:1', { id: 'sha256:loaded' })
    const none = { images: [IMAGES[1]!], config: CONFIG, containers: [] }
    const first = plan({ pull: 'never' }, none, forecast)
    expect(first.failed).to.equal(undefined)
    expect(first.differs).to.include({ 'compose:shop.web.image': 'sha256:loaded' })
    const missing = { stderr: 'Error: No such container: x\n' }
    const exec = (container: string): string | undefined =>
      planOf(
        docker_container_exec,
        { container, argv: ['x'] },
        { [`container:${container}`]: missing },
        { forecast },
      ).failed
    expect(exec('shop-web-1')).to.equal(undefined)
    expect(exec('shop-web-2')).to.equal('there is no container shop-web-2')
  })

  it('makes again what reads a file of variables that a dry run would have written', () => {
    const files =
      'services:\n  web:\n    env_file: [web.env]\n  db:\n    env_file:\n      - path: /etc/db.env\n'
    expect(variableFiles(files, '/srv/shop')).to.deep.equal([
      ['web', '/srv/shop/web.env'],
      ['db', '/etc/db.env'],
    ])
    expect(variableFiles('services: {web: {env_file: ./a}}', '/x')).to.deep.equal([['web', '/x/a']])
    expect(variableFiles('{', '/x')).to.deep.equal([])
    const forecast = emptyForecast()
    forecast.states.set('path:/srv/shop/web.env', { type: 'file', sha1: 'new' })
    expect(Object.keys(plan({}, { config: CONFIG, files }, forecast).differs)).to.deep.equal([
      'compose:shop.web.hash',
    ])
    expect(plan({}, { config: CONFIG, files }).differs).to.deep.equal({})
  })

  it('takes the project itself in place of a folder', () => {
    const definition = new Map([['services', new Map([['web', new Map([['image', 'a "b"\nc']])]])]])
    const { script } = planOf(
      docker_compose_v2,
      { project_name: 'shop', definition },
      { 'compose:shop': printed({ containers: [], config: CONFIG }) },
    )
    expect(script).to.include('"image": "a \\"b\\"\\nc"').and.include('fplay_compose -f /dev/fd/8 ')
  })

  it('stops and removes what is there', () => {
    expect(differs({ state: 'stopped' }, { config: CONFIG })).to.deep.equal(['db.state', 'web.state'])
    const restarted = plan({ state: 'restarted' }, { containers: [UP[0]!], config: CONFIG })
    expect(Object.keys(restarted.differs), 'compose makes none').to.deep.equal(['compose:shop.db.started'])
    expect(differs({ state: 'restarted' }, { containers: [], config: CONFIG })).to.deep.equal([])
    expect(differs({ remove_orphans: true }, { hashes: { web: 'h-web' } })).to.deep.equal(['db.state'])
    const profiles = { hashes: { web: 'h-web' }, known: ['web', 'db'] }
    expect(differs({ remove_orphans: true }, profiles), 'of a profile').to.deep.equal([])
  })

  describe('absent', () => {
    const uses = [
      'networks',
      'shop_default\tdefault\tid0\tid1',
      'shop_old\told',
      'volumes',
      'shop_data\tdata\tid0',
      'shop_other\tother',
      'users',
      `id0\t${IDS.db}`,
      `id1\t${IDS.web}`,
    ]
    const config = `${CONFIG}volumes:\n  data:\n`
    const here: Host = { hashes: {}, config, uses }
    const goes = (params: object, host: Partial<Host> = {}): readonly string[] =>
      Object.keys(plan({ state: 'absent', ...params }, { ...here, ...host }).differs).map((key) =>
        key.replace('compose:shop.', ''),
      )

    it('takes what the files tell of, and of the rest only what it is asked for', () => {
      expect(goes({})).to.deep.equal(['db.state', 'web.state', 'network shop_default'])
      expect(goes({ remove_volumes: true }))
        .to.include('volume shop_data')
        .and.not.include('volume shop_other')
      const gone = { containers: [...UP, ['gone', 'h', 'running'] as const] }
      expect(goes({}, gone)).to.not.include('gone.state')
      expect(goes({ remove_orphans: true }, gone)).to.include('gone.state')
      const known = { ...gone, known: ['web', 'db', 'gone'] }
      expect(goes({ remove_orphans: true }, known), 'of another profile').to.not.include('gone.state')
    })

    it('leaves what others use', () => {
      const taken = uses.map((line) => (/^shop_(default|data)/.test(line) ? `${line}\tid9` : line))
      expect(goes({ remove_volumes: true }, { uses: taken })).to.deep.equal(['db.state', 'web.state'])
      expect(goes({ services: ['web'], remove_volumes: true })).to.deep.equal(['web.state'])
      expect(goes({ services: ['db'], remove_volumes: true })).to.deep.equal(['db.state', 'volume shop_data'])
    })

    it('takes images that nobody else uses', () => {
      const images = ['image:shop/web:1.id', 'image:mysql:8.id']
      expect(goes({ remove_images: 'all' })).to.include.members(images)
      expect(goes({ remove_images: 'local' })).to.not.include.members(images)
      const built = config.replace('    image: shop/web:1', '    build:\n    image: shop/web:1')
      expect(goes({ remove_images: 'local' }, { config: built })).to.include(images[0])
      const used = [...uses, `id9\t${IDS.web}`]
      expect(goes({ remove_images: 'all' }, { uses: used }))
        .to.include(images[1])
        .and.not.include(images[0])
      const named = { uses: used, images: [`${IDS.web} shop/web:1 shop/web:2`, IMAGES[1]!] }
      expect(goes({ remove_images: 'all' }, named), 'another name stays').to.include.members(images)
      expect(goes({ remove_images: 'all', services: ['db'] })).to.not.include(images[0])
    })

    it('takes all with the label where the files cannot be read', () => {
      const { differs, script } = plan({ state: 'absent', remove_volumes: true }, { hashes: {}, uses })
      expect(Object.keys(differs)).to.have.length(6)
      expect(script).to.not.include('fplay_project down')
      expect(script)
        .to.include('docker rm -f -v id0 id1')
        .and.include('docker network rm shop_default shop_old')
    })

    it('sees services that an earlier task of a dry run would have brought up', () => {
      const forecast = emptyForecast()
      forecast.states.set('compose:shop', { 'web.state': 'running', 'db.state': 'absent' })
      const nothing = { hashes: {}, containers: [] }
      const keys = (params: object): readonly string[] =>
        Object.keys(plan({ state: 'absent', ...params }, nothing, forecast).differs)
      expect(keys({})).to.deep.equal(['compose:shop.web.state'])
      expect(keys({ services: ['db'] })).to.deep.equal([])
    })

    it('stops as told, with either compose', () => {
      expect(plan({ state: 'absent', services: ['web'] }, here).script).to.include(
        'fplay_project down -t 0 web',
      )
      const v1 = plan({ state: 'absent', services: ['web'] }, { ...here, kind: 'v1' })
      expect(v1.script).to.include('fplay_project stop -t 0 web\nfplay_project rm -f  web')
      expect(plan({ state: 'absent', services: ['webb'] }, here).failed).to.match(
        /no service webb; its services/,
      )
    })
  })
})
