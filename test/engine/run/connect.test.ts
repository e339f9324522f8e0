import { expect } from 'chai'
import type { ConnectionSettings } from '../../../engine/connection/connection.js'
import type { RunSettings } from '../../../engine/run/settings.js'
import { fakeConverge, outcomeOn, playText } from './playing.js'

const PLAY = '- {hosts: a, gather_facts: false, KEYWORDS tasks: [{name: t, command: x, TASK}]}'

/** The settings with which host `a` is connected to. */
async function settingsOf(
  hosts: string,
  words: { readonly play?: string; readonly task?: string } = {},
  settings: Partial<RunSettings> = {},
): Promise<ConnectionSettings> {
  const seen: ConnectionSettings[] = []
  const text = PLAY.replace('KEYWORDS', words.play ? `${words.play},` : '').replace(
    ', TASK',
    words.task ? `, ${words.task}` : '',
  )
  const played = await playText(text, {
    hosts,
    settings,
    parts: {
      converge: fakeConverge().converge,
      connect: (given) => {
        seen.push(given)
        return { counts: { connections: 0, roundTrips: 0 }, close: async () => {} } as never
      },
    },
  })
  if (!seen[0]) throw new Error(outcomeOn(played, 't').message)
  return seen[0]
}

describe('connectionSettings', () => {
  it('are local for the controller, also when it has joined a group', async () => {
    const kinds: string[] = []
    await playText(
      '- {hosts: localhost, gather_facts: false, tasks: [{group_by: {key: controllers}}, {command: x}]}',
      {
        parts: {
          converge: fakeConverge().converge,
          connect: ({ kind }) => {
            kinds.push(kind)
            return { counts: { connections: 0, roundTrips: 0 }, close: async () => {} } as never
          },
        },
      },
    )
    expect(kinds).to.deep.equal(['local'])
  })

  it('are those of OpenSSH when nobody says anything', async () => {
    expect(await settingsOf('a,')).to.deep.include({
      name: 'a',
      kind: 'ssh',
      address: 'a',
      port: undefined,
      user: undefined,
      privateKeyFile: undefined,
      hostKeyChecking: 'yes',
      timeout: 10,
    })
  })

  it('let variables win over keywords, and keywords over the command line', async () => {
    const option = { connection: { become: false, user: 'option', privateKeyFile: '/k/option' } }
    const user = async (...args: Parameters<typeof settingsOf>): Promise<string | undefined> =>
      (await settingsOf(...args)).user
    expect(await user('a,', {}, option)).to.equal('option')
    expect(await user('a,', { play: 'remote_user: play' }, option)).to.equal('play')
    expect(await user('a,', { play: 'remote_user: play', task: 'remote_user: task' }, option)).to.equal(
      'task',
    )
    expect(await user('[all]\na ansible_user=variable\n', { task: 'remote_user: task' }, option)).to.equal(
      'variable',
    )
    expect((await settingsOf('a,', {}, option)).privateKeyFile).to.equal('/k/option')
  })

  it('take the variables that Ansible has for a host', async () => {
    const hosts = `[all]
a ansible_host=192.0.2.1 ansible_port=2222 ansible_password=pw ansible_ssh_private_key_file=/k ansible_timeout=3
[all:vars]
ansible_ssh_common_args=-J jump
ansible_ssh_extra_args=-v
ansible_shell_executable=/bin/dash
`
    expect(await settingsOf(hosts)).to.deep.include({
      address: '192.0.2.1',
      port: 2222,
      password: 'pw',
      privateKeyFile: '/k',
      timeout: 3,
      sshArgs: '-J jump -v',
      shell: '/bin/dash',
    })
  })

  it('check host keys unless told otherwise', async () => {
    const checking = async (value: 'yes' | 'no' | 'accept-new', hosts = 'a,'): Promise<string> => {
      const connection = { become: false, hostKeyChecking: value }
      return (await settingsOf(hosts, {}, { connection })).hostKeyChecking
    }
    expect(await checking('no')).to.equal('no')
    expect(await checking('accept-new')).to.equal('accept-new')
    expect(await checking('no', '[all]\na ansible_host_key_checking=true\n')).to.equal('yes')
    const connection = {
      become: false,
      knownHostsFiles: ['/a', '/b'],
      port: 23,
      sshArgs: '-C',
      shell: '/bin/ash',
    }
    expect(await settingsOf('a,', {}, { connection })).to.deep.include({
      knownHostsFiles: ['/a', '/b'],
      port: 23,
      sshArgs: '-C',
      shell: '/bin/ash',
    })
  })

  it('refuse a connection or port that cannot be', async () => {
    const refusal = (...args: Parameters<typeof settingsOf>): Promise<string> =>
      settingsOf(...args).then(
        () => 'accepted',
        (error: Error) => error.message,
      )
    expect(await refusal('[all]\na ansible_connection=winrm\n')).to.contain(
      'connection is "winrm"; allowed: ssh, local',
    )
    expect(await refusal('[all]\na ansible_port=99999\n')).to.contain('the port is "99999"')
    for (const name of ['ansible_timeout', 'ansible_ssh_retries']) {
      for (const value of ['soon', '-1'])
        expect(await refusal(`[all]\na ${name}=${value}\n`)).to.contain(
          `${name} is "${value}"; allowed: a number from 0`,
        )
    }
  })
})
