import { expect } from 'chai'
import fc from 'fast-check'
import { createConnection } from '../../engine/connection/connect.js'
import { converge } from '../../engine/run/converge.js'
import { played, told, withoutTimes } from '../engine/run/sending.js'
import { iniInventory } from '../support/inventories.js'
import { shellOn, useLab } from '../support/lab.js'

/** Runs of arbitrary tasks; more of them by hand, where something was changed. */
const RUNS = Number(process.env['FPLAY_RUNS'] ?? 5)
const HASH = '$6$salt$IxDD3jeSOb5eB1CX5LBsqZFVkJdido3OUILO5Ifz5iwMuTS4XMS130MTSuDDl3aCI6WouIL9AjRbLCelDCy.g.'

/** Before each run: an account and a group are there, and a file of nobody's. */
const RESET = `[ -e /root/useradd ] || cp /etc/default/useradd /root/useradd; cp /root/useradd /etc/default/useradd
rm -rf /srv/fp; for U in fpu fpv fpo; do userdel $U 2>/dev/null; done
for G in fpg fph fpo fpu fpv; do groupdel $G 2>/dev/null; done
groupadd -g 4710 fpo; useradd -M -N -u 4710 -g fpo -s /bin/sh fpo
mkdir -p /srv/fp; echo old >/srv/fp/orphan; chown 4711:4712 /srv/fp/orphan; touch /srv/fp/old; chown fpo:fpo /srv/fp/old`
const FOUND = `grep '^fp' /etc/passwd /etc/group /etc/shadow | cut -d: -f1-5,7
find /srv/fp -printf '%P %y %m %U %G %l\\n' | sort; cd /srv/fp; find . -type f -exec sha1sum {} + | sort`

describe('accounts made together with what belongs to them', function () {
  this.timeout(300_000 + RUNS * 30_000)
  const lab = useLab(['debian', 'debian'])

  /** A run on both hosts, from the same beginning. */
  async function ended(
    tasks: readonly string[],
    together: boolean,
  ): Promise<{ readonly trips: number; readonly end: readonly unknown[] }> {
    await Promise.all([1, 2].map((host) => shellOn(lab(), host, RESET)))
    const { keyFile, knownHostsFile } = lab()
    let trips = 0
    const { events } = await played(tasks, together, '', await iniInventory(lab(), ['one', 'two']), {
      // These hosts have no folder of this machine's tests.
      lockPath: undefined,
      connect: (settings) => {
        const connection = createConnection({
          ...settings,
          user: 'root',
          privateKeyFile: keyFile,
          knownHostsFiles: [knownHostsFile],
        })
        const run = connection.run.bind(connection)
        return Object.assign(connection, {
          run: (...args: Parameters<typeof run>) => (trips++, run(...args)),
        })
      },
      converge: (call, target) => converge(together ? call : { ...call, successors: undefined }, target),
    })
    const found = await Promise.all([1, 2].map((host) => shellOn(lab(), host, FOUND)))
    return { trips, end: [told(events, '/srv/fp').map(withoutTimes), found] }
  }

  async function endsAlike(tasks: readonly string[]): Promise<readonly [many: number, sole: number]> {
    const [many, sole] = [await ended(tasks, true), await ended(tasks, false)]
    expect(many.end, tasks.join('\n')).to.deep.equal(sole.end)
    return [many.trips, sole.trips]
  }

  const account = [
    'group: { name: fpg, gid: 4711 }',
    'user: { name: fpu, uid: 4711, group: fpg, create_home: false }',
  ]
  const folder = "file: { path: /srv/fp/d, state: directory, owner: fpu, group: fpg, mode: '0750' }"
  const copy = (name: string, more = ''): string =>
    `copy: { dest: /srv/fp/${name}, content: "of ${name}\\n", owner: fpu, group: fpg${more} }`

  it('take few messages, and belong to whom they should', async () => {
    const lines = [1, 2, 3].map((n) => `lineinfile: { path: /srv/fp/d/lines, line: '${n}', create: true }`)
    const link = 'file: { path: /srv/fp/link, src: d, state: link }'
    const [many, sole] = await endsAlike([...account, folder, copy('d/a'), copy('d/b'), ...lines, link])
    // Where the machine is slow, what was asked ahead is asked again.
    expect(many).to.be.below(sole / 2)
  })

  const failing: Readonly<Record<string, readonly string[]>> = {
    'a script fails in the middle': [...account, folder, copy('d/a', ", validate: 'false %s'"), copy('d/b')],
    'an owner is unknown': [...account, folder, copy('d/a').replace('fpu', 'nobody-there'), copy('d/b')],
    'the account is there with other values': [
      account[0]!,
      account[1]!.replaceAll('fpu', 'fpo'),
      folder,
      copy('d/a'),
    ],
    'the id is another one’s': ['group: { name: fpg, gid: 4711 }', 'group: { name: fph, gid: 4711 }', folder],
    'an id gets a name': [...account, 'file: { path: /srv/fp/orphan, owner: fpu }', copy('orphan')],
    'ids are chosen': [
      'group: { name: fpg }',
      'user: { name: fpu, group: fpg, create_home: false }',
      folder,
      copy('d/a'),
    ],
    'an account is made with its home': [
      account[0]!,
      account[1]!.replace('create_home: false', 'home: /srv/fp/home'),
      copy('home/a'),
    ],
    'a home is named': [
      account[0]!,
      account[1]!.replace('create_home: false', 'home: /srv/fp/home'),
      "copy: { dest: '~fpu/a', content: x }",
    ],
    'what is made is removed': [
      ...account,
      folder,
      copy('d/a'),
      'file: { path: /srv/fp/d, state: absent }',
      copy('d'),
    ],
    'an account is removed again': [...account, folder, 'user: { name: fpu, state: absent }', copy('d/a')],
    'settings of accounts change first': [
      "lineinfile: { path: /etc/default/useradd, regexp: '^SHELL=', line: SHELL=/bin/sh }",
      ...account,
    ],
  }
  for (const [what, tasks] of Object.entries(failing)) {
    it(`end as one by one where ${what}`, async () => {
      await endsAlike(tasks)
    })
  }

  it('end as one by one whatever the tasks', async () => {
    const user = fc.constantFrom('fpu', 'fpv', 'fpo')
    const group = fc.constantFrom('fpg', 'fph', 'fpo', 'fpu')
    const path = fc.constantFrom('d', 'd/x', 'd/s', 'd/s/y', 'orphan', 'old')
    const id = fc.constantFrom(4710, 4711, 4712)
    const more = fc.constantFrom(
      '',
      ', uid: 4711',
      ', uid: 4712',
      ', shell: /bin/sh',
      `, password: '${HASH}'`,
    )
    const who = fc.oneof(user, id.map(String)).map((one) => `, owner: '${one}'`)
    const task = fc.oneof(
      fc.tuple(group, id).map(([g, n]) => `group: { name: ${g}, gid: ${n} }`),
      group.map((g) => `group: { name: ${g} }`),
      fc
        .tuple(user, group, more)
        .map(([u, g, m]) => `user: { name: ${u}, group: ${g}, create_home: false${m} }`),
      fc.tuple(user, more).map(([u, m]) => `user: { name: ${u}, create_home: false${m} }`),
      fc
        .tuple(user, group)
        .map(([u, g]) => `user: { name: ${u}, groups: ${g}, append: true, create_home: false }`),
      fc.tuple(path, who).map(([p, w]) => `file: { path: /srv/fp/${p}, state: directory${w} }`),
      fc
        .tuple(path, who, group)
        .map(([p, w, g]) => `copy: { dest: /srv/fp/${p}, content: x${w}, group: ${g} }`),
      fc.tuple(path, who).map(([p, w]) => `file: { path: /srv/fp/${p}${w} }`),
      fc.tuple(path, who).map(([p, w]) => `lineinfile: { path: /srv/fp/${p}, line: x, create: true${w} }`),
      user.map((u) => `user: { name: ${u}, state: absent }`),
      group.map((g) => `group: { name: ${g}, state: absent }`),
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(task, { minLength: 4, maxLength: 12 }),
        fc.boolean(),
        async (tasks, ignoring) => {
          await endsAlike(ignoring ? tasks.map((text) => `{ ${text}, ignore_errors: true }`) : tasks)
        },
      ),
      { numRuns: RUNS },
    )
  })
})
