import { expect } from 'chai'
import { isRestrictedFact } from '../../../engine/run/restricted-facts.js'
import { fakeConverge, outcomeOn, playText } from './playing.js'

describe('facts that would say how a host is reached', () => {
  const restricted = [
    'ansible_host',
    'ansible_user',
    'ansible_connection',
    'ansible_become_pass',
    'ansible_sudo_exe',
  ]
  const free = [
    'ansible_hostname',
    'ansible_ssh_host_key_rsa_public',
    'ansible_docker_gwbridge',
    'ansible_local',
    'host',
  ]
  for (const name of restricted) it(`${name} is one`, () => expect(isRestrictedFact(name)).to.equal(true))
  for (const name of free) it(`${name} is none`, () => expect(isRestrictedFact(name)).to.equal(false))

  it('are no variables, and are seen in ansible_facts', async () => {
    const facts = new Map([
      ['ansible_host', 'elsewhere'],
      ['ansible_hostname', 'here'],
    ])
    const converge = fakeConverge({ setup: () => ({ facts }) })
    const played = await playText(
      `
- hosts: a
  gather_facts: false
  tasks:
    - setup:
    - name: look
      debug: {msg: "{{ ansible_host | default('none') }} {{ hostvars.a.ansible_host | default('none') }}
        {{ ansible_hostname }} {{ ansible_facts.host }}"}
`,
      { parts: converge },
    )
    expect(outcomeOn(played, 'look').values['msg']).to.equal('none none here elsewhere')
  })
})
