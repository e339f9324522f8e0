import { expect } from 'chai'
import { emptyForecast } from '../../engine/run/forecast.js'
import docker_volume from '../../modules/docker_volume.js'
import { planOf, type Plan } from '../support/plan.js'

const VOLUME = JSON.stringify({
  Name: 'data',
  Driver: 'local',
  Options: { type: 'nfs', device: ':/a' },
  Labels: { team: 'a' },
})
const NONE = { stdout: '\n', stderr: 'Error: No such volume: data\n' }
const USED = `${VOLUME}\nusers\n${JSON.stringify({ Id: 'c1', Name: '/db', State: { Status: 'exited' } })}\n`

const plan = (params: object, output: string | object = VOLUME): Plan =>
  planOf(docker_volume, { volume_name: 'data', ...params }, { 'volume:data': output as string })

describe('docker_volume', () => {
  it('is made with all that is said, and asks for its users only when it may go', () => {
    const { script, asks } = plan(
      { driver_options: new Map([['o', 'rw,addr=$(x)']]), labels: new Map([['a', true]]) },
      NONE,
    )
    expect(script).to.equal(
      `docker volume create --driver local --opt 'o=rw,addr=$(x)' --label a=true -- data >/dev/null`,
    )
    expect(JSON.stringify(asks)).to.not.include('docker ps')
  })

  it('is left as it is, with its data, unless it is told to be made again', () => {
    const other = { labels: new Map([['team', 'b']]) }
    expect(plan(other).differs).to.deep.equal({})
    expect(plan({ ...other, recreate: 'options-changed' }).script).to.match(
      /^docker volume rm.*\ndocker volume create/,
    )
    expect(plan({ labels: new Map([['team', 'a']]), recreate: 'options-changed' }).differs).to.deep.equal({})
    expect(plan({ recreate: 'always' }).differs).to.have.property('volume:data.recreated')
  })

  it('stays while a container has it', () => {
    expect(plan({ state: 'absent' }, USED).failed).to.equal(
      'the volume data is used by db; remove these containers first',
    )
    expect(plan({ recreate: 'always' }, USED).failed).to.match(/used by db/)
    expect(plan({ state: 'absent' }).script).to.equal('docker volume rm -- data >/dev/null')
    expect(plan({ state: 'absent' }, NONE).differs).to.deep.equal({})
    const forecast = emptyForecast()
    forecast.states.set('container:db', { state: 'absent' })
    const later = planOf(
      docker_volume,
      { volume_name: 'data', state: 'absent' },
      { 'volume:data': USED },
      { forecast },
    )
    expect(later.differs).to.deep.equal({ 'volume:data.state': 'absent' })
  })
})
