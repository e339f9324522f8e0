import { expect } from 'chai'
import { contentOf } from '../../../../engine/content.js'
import { placeEntries } from '../../../../engine/module/archive/place-entries.js'

describe('placing entries', () => {
  it('cuts commands that would be longer than a command line may be', () => {
    const folder = `/srv/${'long'.repeat(30)}`
    const differences = Array.from({ length: 3000 }, (_, i) => {
      const real = `${folder}/${'name'.repeat(20)}-${i}`
      const wished = { type: 'file', mode: 0o644, sha1: 'x', owner: 'other', content: contentOf(String(i)) }
      return { before: { type: 'absent', real }, wished, names: ['type', 'sha1', 'mode', 'owner'] }
    })
    const session = {
      user: 'root',
      uid: 0,
      group: 'root',
      gid: 0,
      umask: 0o022,
      home: '/root',
      folder: '/root',
    }
    const { script, inputs } = placeEntries(
      '/srv',
      differences.map((difference) => ({ difference })),
      session,
    )
    const lines = script.text.split('\n')
    expect(Math.max(...lines.map((line) => line.length))).to.be.below(100_000)
    for (const command of ['mv -f', 'chown -h other']) {
      const words = lines
        .filter((line) => line.startsWith(command))
        .join(' ')
        .split(' ')
      expect(words.filter((text) => /-\d+$/.test(text))).to.have.length(3000)
    }
    expect(inputs).to.have.length(1)
  })
})
