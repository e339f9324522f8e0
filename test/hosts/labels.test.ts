import { expect } from 'chai'
import { join } from 'node:path'
import copy from '../../modules/copy.js'
import lineinfile from '../../modules/lineinfile.js'
import { call, testHost } from '../support/envelope.js'
import { shellOn, useLab } from '../support/lab.js'

/**
 * The kernel of the lab has no SELinux: for the shell of these tests there is its mount point, and doubles of the two
 * programs write down what they are asked. That the labels come out right was not run on a real host.
 */
const ENTER = `mount -t tmpfs none /sys/fs && mkdir /sys/fs/selinux && echo 1 >/sys/fs/selinux/enforce
PATH=/root/doubles:$PATH exec sh "$@"`
const DOUBLES = `mkdir -p /root/doubles
for N in chcon restorecon; do printf '#!/bin/sh\\necho "%s $*" >>/root/labelled\\n' $N >/root/doubles/$N; done
chmod +x /root/doubles/*`

describe('labels of SELinux', function () {
  this.timeout(60_000)
  const lab = useLab(['debian'])

  it('are kept by a file that is replaced, and those of the policy given to a new one', async () => {
    await shellOn(lab(), 1, `${DOUBLES}; echo old >/srv/old`)
    const inside = ['run', lab().name, '1', 'unshare', '-m', 'sh', '-c', ENTER, 'sh']
    const host = testHost([join(import.meta.dirname, '../../lab/lab'), ...inside])
    for (const [module, params] of [
      [copy, { dest: '/srv/old', content: 'x' }],
      [lineinfile, { path: '/srv/old', line: 'y' }],
      [copy, { dest: "/srv/a 'new'", content: 'x' }],
      [copy, { dest: '/srv/old', content: 'x\ny\n' }],
    ] as const) {
      const done = await call(host, module, params)
      expect(done.status, done.message).to.be.oneOf(['changed', 'ok'])
    }
    expect(await shellOn(lab(), 1, 'cat /root/labelled; cat /srv/old')).to.equal(
      [
        'chcon --reference=/srv/old -- /srv/.old.fplay-part',
        'chcon --reference=/srv/old -- /srv/.old.fplay-part',
        "restorecon -- /srv/a 'new'",
        'x',
        'y',
      ].join('\n'),
    )
  })
})
