import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { unhashedContent } from '../engine/content.js'
import type { Launch } from './measure.js'
import { PEERS } from './peers.js'
import { wipe, write, type Scene } from './scene.js'
import type { Work } from './works.js'

/** Large files, to hosts and from them, beside scp. */
export const BULK_WORKS: readonly Work[] = [
  bulk('bulk-new', 'a file of 512 MB to 2 hosts', '≥ 1.0 × the throughput of scp', wipe),
  bulk('bulk-there', 'the same, already there', 'no data travels', async () => undefined),
  bulk('bulk-half', 'the same, half there of a transfer that was cut', 'half of it travels', halfThere),
  fetched(),
]

const BULK = 512 * 1024 * 1024

function bulk(name: string, about: string, goal: string, before: (scene: Scene) => Promise<void>): Work {
  return {
    name,
    about,
    goal,
    place: { hosts: 2 },
    before,
    steps: () => [
      { task: "file: { path: '{{ at }}', state: directory, mode: '0755' }", shell: () => '' },
      {
        task: "copy: { src: big, dest: '{{ at }}/big', mode: '0644' }",
        shell: () => '',
        files: { 'files/big': big() },
      },
    ],
    same: true,
    slow: [PEERS.tuned.title, PEERS.default.title],
    launches: (scene) => {
      const ready = 'mkdir -p -m 755 /srv/bench;'
      return {
        scp: each(
          scene,
          'scp',
          `ssh -F ssh_config "$1" '${ready}' && exec scp -q -F ssh_config files/big "$1":/srv/bench/big`,
        ),
        fplay: PEERS.fplay.launch(scene),
        'cat into ssh': each(
          scene,
          'cat',
          `exec ssh -F ssh_config "$1" '${ready} cat >/srv/bench/big' <files/big`,
        ),
        [PEERS.tuned.title]: PEERS.tuned.launch(scene),
      }
    },
  }
}

/** What fplay finds after a transfer that was cut in the middle. */
async function halfThere(scene: Scene): Promise<void> {
  await wipe(scene)
  const { id, size, slice } = await unhashedContent(join(scene.folder, 'files/big'))
  const half = slice(0, size / 2)
  const save = `mkdir -p -m 700 /root/.fplay && cat >/root/.fplay/partial-${id}`
  for (const number of scene.numbers) await scene.lab!.run(number, ['sh', '-c', save], half)
}

let bigFile: Buffer | undefined
function big(): Buffer {
  return (bigFile ??= Buffer.concat(Array.from({ length: 8 }, () => randomBytes(BULK / 8))))
}

/** The other way. */
function fetched(): Work {
  return {
    name: 'bulk-fetch',
    about: 'a file of 512 MB from each of 2 hosts',
    goal: '≥ 1.0 × the throughput of scp',
    place: { hosts: 2 },
    before: async (scene) => {
      rmSync(join(scene.folder, 'kept'), { recursive: true, force: true })
      const make = `mkdir -p /srv/bench; [ -f /srv/bench/big ] || head -c ${BULK} /dev/urandom >/srv/bench/big`
      for (const number of scene.numbers) await scene.lab!.run(number, ['sh', '-c', make])
    },
    steps: () => [{ task: "fetch: { src: '{{ at }}/big', dest: kept }", shell: () => '' }],
    slow: [PEERS.tuned.title],
    launches: (scene) => ({
      scp: each(scene, 'scp', 'mkdir -p kept && exec scp -q -F ssh_config "$1":/srv/bench/big "kept/$1"'),
      fplay: PEERS.fplay.launch(scene),
      'cat from ssh': each(
        scene,
        'cat',
        'mkdir -p kept && exec ssh -F ssh_config "$1" cat /srv/bench/big >"kept/$1"',
      ),
      [PEERS.tuned.title]: PEERS.tuned.launch(scene),
    }),
  }
}

function each(scene: Scene, title: string, command: string): Launch {
  write(scene.folder, `${title}.sh`, `cd '${scene.folder}'\n${command}\n`)
  return {
    command: ['sh', '-c', `xargs -P 2 -n 1 sh '${scene.folder}/${title}.sh' <'${scene.folder}/names'`],
  }
}
