import { expect } from 'chai'
import { join } from 'node:path'
import type { Converged } from '../../engine/run/target.js'
import copy from '../../modules/copy.js'
import compose from '../../modules/docker_compose_v2.js'
import file from '../../modules/file.js'
import { call, testHost, type TestHost } from '../support/envelope.js'
import { execute } from '../../lab/lab.js'
import { useLab } from '../support/lab.js'

const DRY = { checkMode: true }
const FOLDER = '/srv/shop'

/** Three services: one with an env_file, one with a health check that needs a moment, one that stays as it is. */
const composeFile = (image = 'tiny:1', extra = ''): string => `version: "2.4"
services:
  web:
    image: ${image}
    command: sleep 1000
    init: true
    stop_grace_period: 0s
    env_file: web.env
  slow:
    image: tiny:1
    command: sh -c "sleep 2; touch /ready; sleep 1000"
    init: true
    stop_grace_period: 0s
    healthcheck: {test: test -e /ready, interval: 1s, timeout: 5s, retries: 20}
  still:
    image: tiny:1
    command: sleep 1000
    init: true
    stop_grace_period: 0s
${extra}`

/** Makes an image of the busybox host's tree; another label gives another id. */
const image = (name: string, label: string): string =>
  `docker import --change 'LABEL release=${name}-${label}' - ${name} </srv/tiny.tar`

/** What was done to which service, in the order of their names. */
const said = ({ values }: Converged): string => String(values['msg']).split(', ').sort().join(', ')

describe('docker_compose_v2', function () {
  this.timeout(120_000)
  const lab = useLab(['debian:docker', 'debian-compose1:docker', 'busybox'])

  for (const [number, version] of [
    [1, 'v2'],
    [2, 'v1'],
  ] as const) {
    describe(`with Compose ${version}`, () => {
      let host: TestHost
      const sh = async (script: string): Promise<string> => {
        const { stdout, stderr, status } = await lab().run(number, ['sh', '-c', script])
        expect(status, stderr).to.equal(0)
        return stdout
      }
      /** Everything that a dry run must leave alone. */
      const all = (): Promise<string> =>
        sh(
          'ls -lR --time-style=full-iso /srv; docker ps -a --no-trunc --format "{{.ID}} {{.Names}} {{.State}}" | sort; docker images -q | sort; docker network ls -q | sort',
        )
      /** Ids and start times of the containers by service. */
      const containers = async (): Promise<ReadonlyMap<string, string>> => {
        const list = await sh(
          `for I in $(docker ps -aq); do docker inspect -f '{{index .Config.Labels "com.docker.compose.service"}} {{.Id}} {{.State.StartedAt}}' $I; done`,
        )
        return new Map(
          list
            .trim()
            .split('\n')
            .filter(Boolean)
            .map((line) => [line.split(' ')[0]!, line]),
        )
      }
      const up = (params: object = {}, options: object = {}): Promise<Converged> =>
        call(host, compose, { project_src: FOLDER, timeout: 0, ...params }, options)
      /** Dry run, which leaves the host alone and predicts; then the run, which does that; then nothing is to do. */
      const foretold = async (params: object = {}): Promise<string> => {
        const before = await all()
        const foreseen = await up(params, DRY)
        expect(await all()).to.equal(before)
        host.forecast.states.clear()
        const done = await up(params)
        expect(done.status, done.message).to.equal('changed')
        expect(foreseen.status, foreseen.message).to.equal('changed')
        expect(said(foreseen)).to.equal(said(done))
        return said(done)
      }

      before(async () => {
        host = testHost([join(import.meta.dirname, '../../lab/lab'), 'run', lab().name, String(number), 'sh'])
        const tree = `lab/lab run ${lab().name} 3 tar -C / -c bin usr/bin`
        const keep = `lab/lab run ${lab().name} ${number} sh -c "cat >/srv/tiny.tar"`
        const kept = await execute('sh', ['-c', `${tree} | ${keep}`])
        expect(kept.status, kept.stderr).to.equal(0)
        await sh(`mkdir -p ${FOLDER}; ${image('tiny:1', '1')}; ${image('tiny:2', '1')}`)
      })

      it('foretells the services of a file that only the dry run has', async () => {
        const before = await all()
        await call(
          host,
          copy,
          { content: composeFile().replace(/ +env_file.*\n/, ''), dest: `${FOLDER}/docker-compose.yml` },
          DRY,
        )
        const foreseen = await up({ wait: true }, DRY)
        expect(foreseen, foreseen.message).to.include({ status: 'changed' })
        expect(foreseen.values['msg']).to.equal('slow created, still created, web created')
        const again = await up({ wait: true }, DRY)
        expect(again, again.message).to.include({ status: 'ok' })
        expect(await all()).to.equal(before)
        host.forecast.states.clear()
      })

      it('refuses a file that compose refuses, in its words', async () => {
        await sh(`printf 'services:\\n  web:\\n    imagine: x\\n' >${FOLDER}/docker-compose.yml`)
        const refused = await up()
        expect(refused).to.include({ status: 'failed' })
        expect(refused.message).to.match(/^compose refuses the project: .*imagine/s)
        await sh(`rm ${FOLDER}/docker-compose.yml`)
        expect((await up()).status).to.equal('failed')
      })

      it('brings everything up and waits until it is healthy', async () => {
        await call(host, copy, { content: composeFile(), dest: `${FOLDER}/docker-compose.yml` })
        await call(host, copy, { content: 'A=1\n', dest: `${FOLDER}/web.env` })
        expect(await foretold({ wait: true })).to.equal('slow created, still created, web created')
        expect(await sh('docker ps --filter health=healthy --format "{{.Names}}"')).to.contain('slow')
      })

      it('leaves everything alone the second time', async () => {
        const before = await containers()
        expect(before.size).to.equal(3)
        const again = await up({ wait: true })
        expect(again, again.message).to.include({ status: 'ok' })
        expect(again.values['msg']).to.equal('nothing to do')
        expect(await containers()).to.deep.equal(before)
      })

      it('makes the one service again whose env_file was edited', async () => {
        const before = await containers()
        await call(host, copy, { content: 'A=2\n', dest: `${FOLDER}/web.env` })
        expect(await foretold()).to.equal('web recreated (its configuration changed)')
        const after = await containers()
        expect(after.get('web')).to.not.equal(before.get('web'))
        expect([after.get('slow'), after.get('still')]).to.deep.equal([
          before.get('slow'),
          before.get('still'),
        ])
        expect(await up()).to.include({ status: 'ok' })
      })

      it('makes the one service again whose image has another name, or is another behind its name', async () => {
        const before = await containers()
        await call(host, copy, { content: composeFile('tiny:2'), dest: `${FOLDER}/docker-compose.yml` })
        expect(await foretold()).to.match(/^web recreated \(its (configuration|image) changed\)$/)
        await sh(image('tiny:2', '2'))
        expect(await foretold()).to.match(/^web recreated \(its (configuration|image) changed\)$/)
        const after = await containers()
        expect([after.get('slow'), after.get('still')]).to.deep.equal([
          before.get('slow'),
          before.get('still'),
        ])
        expect(await up()).to.include({ status: 'ok' })
      })

      it('restarts what it is told to', async () => {
        const before = await containers()
        expect(await foretold({ state: 'restarted', services: ['still'] })).to.equal(
          'still restarted (asked for)',
        )
        const after = await containers()
        expect(after.get('still')).to.not.equal(before.get('still'))
        expect(after.get('web')).to.equal(before.get('web'))
      })

      it('starts what somebody stopped, and names no service that is not there', async () => {
        await sh('docker stop -t 0 $(docker ps -q --filter label=com.docker.compose.service=still)')
        expect(await foretold()).to.equal('still started (it was exited)')
        const unknown = await up({ services: ['webb'] })
        expect(unknown.message).to.match(/^the project has no service webb; its services are: .*web/)
      })

      it('removes orphans, but not what a profile that is not active had started; what has done its work has ended', async () => {
        const jobs =
          '  job: {image: "tiny:1", command: "true", profiles: [jobs]}\n  more: {image: "tiny:1", command: sleep 1000, init: true, profiles: [other]}\n'
        const gone = '  gone: {image: "tiny:1", command: sleep 1000, init: true, stop_grace_period: 0s}\n'
        const write = (extra: string): Promise<Converged> =>
          call(host, copy, { content: composeFile('tiny:2', extra), dest: `${FOLDER}/docker-compose.yml` })
        await write(jobs + gone)
        const profiles = ['jobs', 'other']
        expect(await foretold({ profiles })).to.equal('gone created, job created, more created')
        expect(await foretold({ profiles: ['jobs'] })).to.equal('job started (it was exited)')
        expect(await up({ remove_orphans: true }), 'nobody is an orphan').to.include({ status: 'ok' })
        await write(jobs)
        expect(await foretold({ remove_orphans: true })).to.equal('gone removed')
        expect([...(await containers()).keys()]).to.have.members(['web', 'slow', 'still', 'job', 'more'])
        expect(await up({ remove_orphans: true })).to.include({ status: 'ok' })
        await sh('docker rm -f $(docker ps -aq --filter name=job --filter name=more)')
      })

      it('stops, and removes', async () => {
        expect(await foretold({ state: 'stopped' })).to.contain('web stopped (it was running)')
        expect(await up({ state: 'stopped' })).to.include({ status: 'ok' })
        const tags = 'docker tag keep:1 tiny:1; docker tag keep:2 tiny:2'
        await sh(
          'docker tag tiny:1 keep:1; docker tag tiny:2 keep:2; docker run -d --network shop_default --name guest keep:2 sleep 1000',
        )
        const all = { state: 'absent', remove_images: 'all', remove_volumes: true }
        await sh('docker volume create --label com.docker.compose.project=shop other')
        expect(await foretold({ ...all, services: ['web'] })).to.equal('image tiny:2 removed, web removed')
        await sh(tags)
        expect(await foretold(all)).to.equal(
          'image tiny:1 removed, image tiny:2 removed, slow removed, still removed',
        )
        await sh(`${tags}; docker rm -f guest`)
        expect(await foretold({ state: 'absent' }), 'used by a guest').to.equal(
          'network shop_default removed',
        )
        expect(await containers()).to.deep.equal(new Map())
        expect(await up({ state: 'absent' })).to.include({ status: 'ok' })
        await sh('docker volume rm other')
      })

      it('says which service did not become ready in time', async () => {
        const bad = composeFile().replace('touch /ready', 'echo giving up')
        await call(host, copy, { content: bad, dest: `${FOLDER}/docker-compose.yml` })
        const late = await up({ wait: true, wait_timeout: 3, services: ['slow'] })
        expect(late).to.include({ status: 'failed' })
        expect(late.message).to.contain('slow').and.contain('giving up')
        await call(host, file, { path: `${FOLDER}/docker-compose.yml`, state: 'absent' })
        expect(await up({ state: 'absent' }), 'absent without its file').to.include({ status: 'changed' })
        expect(await containers()).to.deep.equal(new Map())
      })
    })
  }
})
