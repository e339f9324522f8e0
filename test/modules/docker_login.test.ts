import { expect } from 'chai'
import docker_login from '../../modules/docker_login.js'
import { planOf, type Plan } from '../support/plan.js'

const auth = (text: string): string => Buffer.from(text).toString('base64')
const kept = (entries: object, more: object = {}): string => JSON.stringify({ auths: entries, ...more })
const GIVEN = { registry_url: 'https://reg.example:5000/v2/', username: 'bob', password: 'p:w $x' }

const plan = (output: string | object, params: object = {}): Plan =>
  planOf(docker_login, { ...GIVEN, ...params }, { 'login:reg.example:5000': output as string })

describe('docker_login', () => {
  it('compares with what docker keeps, under whatever spelling of the registry', () => {
    for (const name of ['reg.example:5000', 'https://reg.example:5000', 'https://reg.example:5000/v1/']) {
      expect(plan(kept({ [name]: { auth: auth('bob:p:w $x') } })).differs, name).to.deep.equal({})
    }
    for (const output of ['', '{}', kept({ 'reg.example:5001': { auth: auth('bob:p:w $x') } })]) {
      expect(plan(output).differs, output).to.have.property('login:reg.example:5000.username', 'bob')
    }
    expect(Object.keys(plan(kept({ 'reg.example:5000': { auth: auth('bob:old') } })).differs)).to.deep.equal([
      'login:reg.example:5000.password',
    ])
    expect(
      plan(kept({ 'reg.example:5000': { auth: auth('bob:'), identitytoken: 't' } })).differs,
    ).to.deep.equal({})
  })

  it('gives the password to standard input only, and keeps no text of it', () => {
    const { script, differs } = plan('')
    expect(script).to.match(
      /fplay_input 1 6 \| docker --config "\$D" login --username bob --password-stdin reg\.example:5000/,
    )
    expect(script + JSON.stringify(differs)).to.not.include('p:w')
  })

  it('looks up Docker Hub by its own name', () => {
    const output = kept({ 'https://index.docker.io/v1/': { auth: auth('bob:p:w $x') } })
    const outputs = { 'login:https://index.docker.io/v1/': output }
    for (const registry_url of ['docker.io', 'https://index.docker.io/v1/', 'index.docker.io']) {
      expect(planOf(docker_login, { ...GIVEN, registry_url }, outputs).differs).to.deep.equal({})
    }
    expect(planOf(docker_login, { ...GIVEN, registry_url: 'docker.io' }, {}).script).to.match(
      /--password-stdin\s*>/,
    )
  })

  it('asks the program that keeps passwords where there is one', () => {
    const outputs = (answer: string | object) => ({
      'login:reg.example:5000': kept(
        { 'reg.example:5000': {} },
        { credHelpers: { 'reg.example:5000': 'pass' } },
      ),
      'credential helper:pass': answer as string,
    })
    const same = planOf(docker_login, GIVEN, outputs('{"Username":"bob","Secret":"p:w $x"}'))
    expect(same.differs).to.deep.equal({})
    expect(JSON.stringify(same.asks)).to.include('docker-credential-pass get')
    const none = planOf(docker_login, GIVEN, outputs({ stdout: 'credentials not found', code: 1 }))
    expect(none.differs).to.have.property('credential helper:pass.username', 'bob')
  })

  it('logs in again on request, and out', () => {
    const same = kept({ 'reg.example:5000': { auth: auth('bob:p:w $x') } })
    expect(plan(same, { reauthorize: true }).undecided).to.deep.equal([
      'whether the registry still takes the password',
    ])
    const out = { state: 'absent', username: undefined, password: undefined }
    expect(plan(same, out).script).to.match(/logout reg\.example:5000$/)
    expect(plan('', out).differs).to.deep.equal({})
  })

  it('says when docker or its configuration is not as it should be', () => {
    expect(plan('{ "auths": ').failed).to.match(/is not JSON; mend or remove it/)
    expect(plan({ stderr: 'docker: not found\n', code: 127 }).failed).to.match(/no docker program/)
    expect(plan({ stderr: 'cat: /x: Permission denied\n', code: 1 }).failed).to.match(
      /cannot be read: cat: \/x/,
    )
  })
})
