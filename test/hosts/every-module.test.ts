import { expect } from 'chai'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TaskRecord } from '../../engine/events.js'
import { createRegistry } from '../../engine/module/registry.js'
import { canChange } from '../../engine/module/contract.js'
import { changes, foretells } from '../support/foretell.js'
import { hostState } from '../support/host-state.js'
import { call, testHost } from '../support/envelope.js'
import { useLab } from '../support/lab.js'
import {
  filledIn,
  HOSTILE,
  hostileVars,
  readRows,
  shellValues,
  untried,
  type Row,
} from '../support/module-rows.js'
import { useWorkplace } from '../support/workplace.js'

const ROWS = readRows(join(import.meta.dirname, 'every-module'))
const HOSTS = [
  { name: 'one', number: 1 },
  { name: 'box', number: 3 },
] as const

/** A server of what is hostile, on busybox. */
const WEB = `mkdir -p /srv/every/web/cgi-bin; cd /srv/every/web; printf %s "$TEXT" >"$NAME"; cp -- "$NAME" body
cat >cgi-bin/echo <<'S'
#!/bin/sh
S=200; [ "$REQUEST_METHOD" = GET ] || [ "$(head -c "$CONTENT_LENGTH" | sha1sum)" = "$(sha1sum <../body)" ] || S=409
printf 'Status: %s\\r\\nContent-Type: text/plain\\r\\n\\r\\n|%s|%s|' $S "$HTTP_USER_AGENT" "$HTTP_X_EVERY"
S
chmod +x cgi-bin/echo; httpd -p 8099 -h .
`

const registry = createRegistry()
await registry.load(registry.names)

describe('every module, with hostile values, on Debian and busybox', function () {
  this.timeout(600_000)
  const lab = useLab()
  const workplace = useWorkplace(() => lab().environment)
  const here = [...ROWS].filter(([, row]) => row.nowhere === undefined)

  it('has a row, which tries each parameter that can hold a text, or says why not', () => {
    expect([...ROWS.keys()].sort()).to.deep.equal(registry.names)
    const lacking = [...ROWS].flatMap(([name, row]) =>
      untried(name, registry.get(name), row).map((param) => `${name}.${param}`),
    )
    expect(lacking, 'parameters that no hostile value is given to').to.deep.equal([])
    for (const [name, row] of ROWS) {
      const module = registry.get(name)
      const tried =
        row.tasks ?? row.always ?? (canChange(module) ? undefined : row.looks) ?? row.nowhere ?? row.elsewhere
      expect(tried, name).to.not.equal(undefined)
    }
  })

  it('refuses what no host could take, before anything of it is sent', async () => {
    for (const [name, { refuses = [] }] of ROWS) {
      for (const { with: given, says } of refuses) {
        const params = JSON.parse(JSON.stringify(given), (_, value: unknown) =>
          typeof value === 'string' ? filledIn(value) : value,
        ) as Record<string, unknown>
        const host = testHost()
        const done = await call(host, registry.get(name), params, { checkMode: true })
        expect(done.message, `${name} ${JSON.stringify(params)}`).to.include(says)
        expect(host.connection.sent.join(''), name).to.not.include('canary')
      }
    }
  })

  /** Runs a text of each row on each host; gives what was printed, by row and host. */
  async function onHosts(part: 'before' | 'found' | 'after'): Promise<Map<string, string>> {
    const printed = new Map<string, string>()
    for (const host of HOSTS) {
      const rows = here.filter(
        ([, row]) => isOn(row, host.name) && (part === 'before' || row[part] !== undefined),
      )
      const scripts = rows.map(([name, row]) => {
        const script = `(\nset -e\n${shellValues(`/srv/every/${name}`)}${row[part] ?? ''}\n) || echo "status $?"`
        return `printf '\\036%s\\n' ${name}\nmkdir -p /srv/every/${name}\n${script}\n`
      })
      const { stdout, stderr } = await lab().run(host.number, ['sh'], scripts.join(''))
      for (const piece of stdout.split('\x1e').slice(1)) {
        const end = piece.indexOf('\n')
        printed.set(`${piece.slice(0, end)} on ${host.name}`, piece.slice(end + 1))
      }
      if (part === 'before') expect([stdout.match(/^status.*/m)?.[0], stderr]).to.deep.equal([undefined, ''])
    }
    return printed
  }

  function isOn(row: Row, host: string): boolean {
    return row.hosts?.includes(host) ?? true
  }

  /** A play a row. */
  function playbook(kinds: readonly ('tasks' | 'always' | 'looks')[]): string {
    const plays = here.flatMap(([name, row]) => {
      const tasks = kinds.flatMap((kind) =>
        (row[kind] ?? []).map((task, i) => ({
          name: `${kind} ${i + 1} of ${name}`,
          ...task,
        })),
      )
      if (tasks.length === 0) return []
      return {
        name,
        hosts: row.hosts ?? HOSTS.map((host) => host.name),
        gather_facts: false,
        vars: { at: `/srv/every/${name}` },
        vars_files: ['hostile.yml'],
        tasks,
      }
    })
    return JSON.stringify(plays)
  }

  before(async () => {
    const addresses = await lab().hosts()
    const web = `http://${addresses[2]!.address}:8099`
    const lines = HOSTS.map(
      ({ name, number }) => `${name} ansible_host=${addresses[number - 1]!.address} web=${web}\n`,
    )
    workplace.write('hosts', lines.join(''))
    workplace.write('hostile.yml', hostileVars())
    const canary = `printf '#!/bin/sh\\ntouch /srv/canary\\n' >/usr/bin/canary; chmod +x /usr/bin/canary; rm -f /srv/canary`
    for (const { number } of HOSTS) await lab().run(number, ['sh', '-c', canary])
    await lab().run(3, ['sh'], `${shellValues('/srv/every')}${WEB}`)
    await onHosts('before')
    writeSources()
  })
  after(async () => {
    await onHosts('after')
    for (const { number } of HOSTS)
      await lab().run(number, ['sh', '-c', 'killall httpd 2>/dev/null; rm -rf /srv/every /usr/bin/canary'])
  })

  /** What tasks take from the controller. */
  function writeSources(): void {
    const { name, dash, text, line, word } = HOSTILE
    workplace.write(`files/${name}`, text)
    workplace.write(`files/tree/${name}/${dash}`, line)
    workplace.write(`templates/${name}.j2`, '{{ word }}|')
    workplace.write(`templates/big.j2`, '{{ big }}')
    const delimiters = `/* $(canary) not $(canary) */'$(canary) if true $(canary)'$(canary)" line "\`canary\`|\n'$(canary) endif $(canary)'`
    workplace.write('templates/delimiters.j2', delimiters)
    workplace.write(`files/${name}.sh`, '#!/bin/sh\nF=$1; shift; printf "%s|" "$@" >"$F"\n')
    workplace.write('files/gone.sh', 'rmdir -- "$1"\n')
    workplace.write(`packed/${dash}`, word)
    const packed = spawnSync('tar', [
      '-cf',
      workplace.path(`files/${dash}.tar`),
      '-C',
      workplace.path('packed'),
      `./${dash}`,
    ])
    expect(packed.status, String(packed.stderr)).to.equal(0)
  }

  /** Tasks by host and row, as the recap has them. */
  async function runs(kinds: readonly ('tasks' | 'always' | 'looks')[], settles: boolean): Promise<void> {
    const play = workplace.write(`${kinds.join('-')}.yml`, playbook(kinds))
    const argv = [play, '-i', workplace.path('hosts')]
    const hosts = HOSTS.map(({ number }) => number)
    const { ran, tasks, foretold } = await foretells({ workplace, lab: lab(), hosts, argv, settles })
    expect(foretold).to.equal(tasks)
    expect(ran.recap.tasks.filter((task) => task.changed !== mayChange(task)).map(told)).to.deep.equal([])
    if (!settles) return
    const shown = taskDiffs(readFileSync(workplace.path('foretold.jsonl'), 'utf8'))
    const silent = shown.filter(([play, diffs]) => diffs === 0 && ROWS.get(play)!.diffless === undefined)
    expect(
      silent.map(([play]) => play),
      'changes that --diff does not show',
    ).to.deep.equal([])
    const before = await Promise.all(hosts.map((host) => hostState(lab(), host)))
    const dry = await workplace.run([...argv, '--check', '--diff'])
    expect(dry.code, dry.out).to.equal(0)
    expect(changes(dry.recap), dry.out).to.deep.equal([])
    expect(await Promise.all(hosts.map((host) => hostState(lab(), host)))).to.deep.equal(before)
  }

  it('changes the host once, as foretold, and leaves there exactly what it was given', async () => {
    await runs(['tasks', 'looks'], true)
    await runs(['always'], false)
    const wished = here.flatMap(([name, row]) =>
      HOSTS.filter((host) => row.found !== undefined && isOn(row, host.name)).map(
        (host) => [`${name} on ${host.name}`, filledIn(row.is!)] as const,
      ),
    )
    const found = await onHosts('found')
    for (const [key, text] of wished) expect(found.get(key), key).to.equal(text)
    for (const { number } of HOSTS)
      expect((await lab().run(number, ['ls', '/srv/canary'])).status).to.not.equal(0)
  })
})

/** A line of the report of events. */
interface HostResult {
  readonly event: string
  readonly changed: boolean
  readonly diffs?: readonly unknown[]
  readonly task: { readonly name: string }
}

/** Plays of the tasks that would change something, with the number of their diffs. */
function taskDiffs(events: string): (readonly [string, number])[] {
  return events
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as HostResult)
    .filter((event) => event.event === 'host-result' && event.changed)
    .map(({ task, diffs }) => [task.name.split(' of ').at(-1)!, diffs?.length ?? 0])
}

/** Tasks of a kind that changes something do, but for those that cannot; some change the inventory. */
function mayChange({ task, module }: TaskRecord): boolean {
  if (task.startsWith('looks')) return false
  return ['add_host', 'group_by'].includes(module) || canChange(registry.get(module))
}

function told({ host, play, where, task, status }: TaskRecord): string {
  return `${host} ${play} ${where} ${task}: ${status}`
}
