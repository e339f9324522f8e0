import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { execute, type Lab, type LabHost } from '../../../lab/lab.js'
import { giveDebianPackage } from '../debian-package.js'
import { hostState } from '../host-state.js'
import type { Case, Course } from './case.js'
import { serveWeb } from './web.js'

/** Folder of the hosts that belongs to the case: empty before it, its state afterwards. */
const WORK = '/srv/case'
/** Names of the hosts in inventories and recordings. */
const NAMES = ['h1', 'h2', 'h3']

/** Three hosts and a folder of the controller on which cases are played, one after the other. */
export interface Stage {
  /** Inventory sources that name the hosts. */
  readonly inventory: string
  /** What calls see in their environment. */
  readonly env: Readonly<Record<string, string>>
  /** Makes everything as if no case had been there. */
  reset(one: Case): Promise<void>
  /** State of the hosts and of the controller's folder, one line a path, user or group. */
  state(one: Case): Promise<Course['state']>
  /** Looks at the hosts now; the returned function tells what was changed on them since, whatever it is. */
  watch(): Promise<() => Promise<string[]>>
  /** A text without what differs from stage to stage. */
  plain(text: string, one: Case): string
}

/** Puts a stage on the first three hosts of a lab; `folder` is the controller's. */
export async function createStage(lab: Lab, folder: string): Promise<Stage> {
  const hosts = (await lab.hosts()).slice(0, NAMES.length)
  const here = join(folder, 'here')
  const env = { ...lab.environment, WORK, HERE: here }
  mkdirSync(folder, { recursive: true })
  const inventory = join(folder, 'lab')
  // The controller's own address in the lab's net.
  const web = await serveWeb(hosts[0]!.address.replace(/\d+$/, '254'))
  writeFileSync(inventory, inventoryOf(hosts, here, web))
  const onAll = (script: string, args: readonly string[] = []): Promise<string[]> =>
    Promise.all(hosts.map(({ number }) => sh(lab, number, script, args)))
  const given = new Set<string>()
  const give = async (name: string): Promise<void> => {
    if (!given.has(name)) await giveDebianPackage(lab, [hosts[0]!.number], name)
    given.add(name)
  }
  return {
    inventory,
    env,
    async reset(one) {
      rmSync(here, { recursive: true, force: true })
      mkdirSync(here)
      await onAll(RESET, [WORK, ...one.watch])
      for (const name of one.packages) await give(name)
    },
    async state({ watch }) {
      const outputs = await onAll(STATE, [WORK, ...watch])
      const lists = outputs.map((output, i) => [NAMES[i]!, linesOf(output)] as const)
      const { stdout } = await execute('sh', ['-c', `cd "$1" && ${TREE} '.'`, 'sh', here])
      return Object.fromEntries([...lists, ['controller', linesOf(stdout)] as const])
    },
    async watch() {
      const looks = await Promise.all(hosts.map((host) => watchHost(lab, host)))
      return async () => (await Promise.all(looks.map((look) => look()))).flat()
    },
    plain(text, one) {
      const folders = text.replaceAll(here, '<here>').replaceAll(dirname(one.file), '<playbooks>')
      const replaced = folders.replaceAll(web, '<web>')
      const addresses = hosts.map(({ address }, i) => [address, `<${NAMES[i]!}>`] as const)
      return addresses.reduce((all, [address, name]) => all.replaceAll(address, name), replaced)
    },
  }
}

function inventoryOf(hosts: readonly LabHost[], here: string, web: string): string {
  const lines = hosts.map(({ address }, i) => `${NAMES[i]!} ansible_host=${address}`)
  return ['[lab]', ...lines, '[lab:vars]', `work=${WORK}`, `here=${here}`, `web=${web}`, ''].join('\n')
}

async function sh(lab: Lab, host: number, script: string, args: readonly string[]): Promise<string> {
  const { stdout, stderr, status } = await lab.run(host, ['sh', '-c', script, 'sh', ...args])
  if (status !== 0) throw new Error(`host ${host}: ${stderr}`)
  return stdout
}

function linesOf(output: string): string[] {
  return output.split('\n').filter(Boolean)
}

/** Files that tell of users and groups; a copy of their first state is kept where nothing looks. */
const ACCOUNTS = 'passwd group shadow gshadow subuid subgid'

const RESET = `set -eu
base=/run/fplay-case
if [ ! -d $base ]; then
  mkdir -p $base.new
  for file in ${ACCOUNTS}; do [ ! -f /etc/$file ] || cp -p /etc/$file $base.new/; done
  ls -A /home >$base.new/homes
  find / -xdev >/dev/null 2>&1 || : # an overlay notes something at a folder when it is first read
  mv $base.new $base
fi
for file in ${ACCOUNTS}; do
  [ ! -f $base/$file ] || cmp -s $base/$file /etc/$file || cp -p $base/$file /etc/$file
done
for home in $(ls -A /home); do grep -Fqx "$home" $base/homes || rm -rf "/home/$home" "/var/mail/$home"; done
rm -rf "$@"
mkdir -p "$1"
chmod 755 "$1"`

/** A line for each path below those given: path, type, mode, owner, group, and target or checksum. */
const TREE = `{
  tree() {
    for top; do
      find "$top" 2>/dev/null | LC_ALL=C sort | while IFS= read -r path; do
        what=$(stat -c '%F %a %U:%G' "$path")
        if [ -L "$path" ]; then what="link to $(readlink "$path")"
        elif [ -f "$path" ]; then what="\${what#regular } $(sha1sum <"$path" | cut -d ' ' -f 1)"
        fi
        printf '%s %s\\n' "$path" "$what"
      done
    done
  }
}; tree`

const STATE = `base=/run/fplay-case
more() { # FILE WORD: lines that are there now, or no more
  while IFS= read -r line; do grep -Fqx -- "$line" $base/$1 || printf '%s %s\\n' "$2" "$line"; done </etc/$1
  while IFS= read -r line; do grep -Fqx -- "$line" /etc/$1 || printf 'no %s %s\\n' "$2" "$line"; done <$base/$1
}
${TREE} "$@"
for home in $(ls -A /home); do grep -Fqx "$home" $base/homes || tree "/home/$home"; done
more passwd user
more group group`

/** What may change on a host while it does nothing. */
const UNWATCHED = ['/proc', '/sys', '/dev', '/run', '/var/log', '/usr/lib', '/usr/share']

/** GNU's find compares the time of the last change of anything; a busybox host is small enough to be read whole. */
async function watchHost(lab: Lab, { number, kind }: LabHost): Promise<() => Promise<string[]>> {
  if (kind === 'busybox') {
    const before = new Set(await hostState(lab, number))
    return async () => (await hostState(lab, number)).filter((line) => !before.has(line))
  }
  await sh(lab, number, 'sleep 0.02; : >/run/fplay-watch; sleep 0.02', [])
  const prune = UNWATCHED.map((path) => `-path ${path}`).join(' -o ')
  return async () =>
    linesOf(
      await sh(lab, number, `find / \\( ${prune} \\) -prune -o -cnewer /run/fplay-watch -print`, []),
    ).map((path) => `host ${number}: ${path}`)
}
