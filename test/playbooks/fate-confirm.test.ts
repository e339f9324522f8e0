import { expect } from 'chai'
import { join } from 'node:path'
import { play, traceOf } from '../engine/run/playing.js'
import { useWorkplace } from '../support/workplace.js'

const CONFIRM = join(import.meta.dirname, '../../playbooks/tasks/confirm.yml')

describe('asking for the parties by name', () => {
  const workplace = useWorkplace()

  /** What was asked, and whether the two parties went on. */
  async function confirmed(answer: string): Promise<{ asked: string[]; trace: string[] }> {
    const asked: string[] = []
    const hosts = workplace.write('hosts', 'a party_id=10000\nb party_id=9999\n')
    const text = `
- hosts: all
  gather_facts: false
  tasks:
    - import_tasks: ${CONFIRM}
      vars: {deed: All goes}
    - {name: gone, debug: {msg: gone}}
`
    const prompt = async ({ text }: { text: string }): Promise<string> => {
      asked.push(text)
      return answer
    }
    const { events } = await play(workplace.write('play.yml', text), [hosts], { prompt })
    return { asked, trace: traceOf(events).filter((line) => line.startsWith('gone')) }
  }

  it('asks once, and goes on with all parties or with none', async () => {
    const { asked, trace } = await confirmed('9999, 10000')
    expect(asked.join()).to.match(/All goes: type 10000,9999 to go on/)
    expect(asked).to.have.length(1)
    expect(trace).to.deep.equal(['gone a=ok b=ok'])
    for (const answer of ['10000', '9999', '', 'yes', '10000,9999,1'])
      expect((await confirmed(answer)).trace, answer).to.deep.equal([])
  })
})
