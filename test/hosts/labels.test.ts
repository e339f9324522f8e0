import { expect } from 'chai'
import { join } from 'node:path'
import copy from '../../modules/copy.js'
import file from '../../modules/file.js'
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

/** Doubles that keep labels: chcon changes parts of one, stat tells it, the policy has etc_t for all paths. */
const KEEPING = `mkdir -p /root/keeping /root/labels
cat >/root/keeping/label <<'E'
#!/bin/sh
for P; do :; done
F=/root/labels/$(printf %s "$P" | tr / _)
[ -e "$F" ] || echo system_u:object_r:usr_t:s0 >"$F"
IFS=: read -r U R T L <"$F"
case \${0##*/} in
  matchpathcon) echo system_u:object_r:etc_t:s0 ;;
  restorecon) ;;
  stat) case " $* " in *' %C '*) [ -e "$P" ] && cat "$F" ;; *) exec /usr/bin/stat "$@" ;; esac ;;
  chcon) case $1 in --reference=*) exit ;; esac
    while getopts hu:r:t:l: O; do case $O in u) U=$OPTARG ;; r) R=$OPTARG ;; t) T=$OPTARG ;; l) L=$OPTARG ;; esac; done
    echo "$U:$R:$T:$L" >"$F" ;;
esac
E
chmod +x /root/keeping/label
for N in chcon restorecon matchpathcon stat; do ln -sf label /root/keeping/$N; done`

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

  it('are what the parameters say, in part or as the policy has them, and then stay', async () => {
    await shellOn(lab(), 1, KEEPING)
    const enter = ENTER.replace('/root/doubles', '/root/keeping')
    const inside = ['run', lab().name, '1', 'unshare', '-m', 'sh', '-c', enter, 'sh']
    const host = testHost([join(import.meta.dirname, '../../lab/lab'), ...inside])
    for (const [module, params, label] of [
      [copy, { dest: '/srv/web', content: 'x', setype: 'httpd_t' }, 'system_u:object_r:httpd_t:s0'],
      [copy, { dest: '/srv/web', content: 'y', seuser: 'me', selevel: 's0:c1' }, 'me:object_r:httpd_t:s0:c1'],
      [file, { path: '/srv/made', state: 'directory', setype: '_default' }, 'system_u:object_r:etc_t:s0'],
      [file, { path: '/srv/made', serole: 'a b' }, 'system_u:a b:etc_t:s0'],
    ] as const) {
      const foreseen = await call(host, module, params, { checkMode: true })
      expect(foreseen, foreseen.message).to.include({ status: 'changed' })
      host.forecast.states.clear()
      const done = await call(host, module, params)
      expect(done, done.message).to.include({ status: 'changed' })
      expect(done.values['secontext']).to.equal(label)
      const again = await call(host, module, params)
      expect(again, again.message).to.include({ status: 'ok' })
    }
  })
})
