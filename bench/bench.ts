// npm run bench [-- WORK...] [--full] [--runs N] [--only PEER,...] [--list]; writes bench/RESULTS.md
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Lab } from '../lab/lab.js'
import { measure } from './measure.js'
import { PEERS, versionOf, type Peer } from './peers.js'
import { machineText, tableOf, type Run, type Runs } from './results.js'
import { bootHosts, hostCpu, received, setScene, settle, trees, wipe, type Scene } from './scene.js'
import { WORKS, type Work } from './works.js'

const { values: options, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    full: { type: 'boolean', default: false },
    runs: { type: 'string' },
    only: { type: 'string' },
    list: { type: 'boolean', default: false },
  },
})
const rounds = Number(options.runs ?? (options.full ? 7 : 3))
const slowRounds = Math.min(rounds, options.full ? 3 : 1)
const only = options.only?.split(',')

await main()

async function main(): Promise<void> {
  if (options.list) {
    for (const { name, about, long } of WORKS)
      console.log(`${name.padEnd(20)} ${about}${long ? ' (--full)' : ''}`)
    return
  }
  const works = WORKS.filter(isChosen)
  if (!works.length) throw new Error('no such work; --list tells them')
  const hosts = Math.max(0, ...works.map(({ place }) => (place.many ? 1 : place.hosts)))
  const lab = hosts ? await bootHosts(hosts) : undefined
  try {
    const tables: string[] = []
    for (const work of works) {
      const table = tableOf(work, await runsOf(work, lab))
      console.log(table)
      tables.push(table)
    }
    const peers: Peer[] = Object.values(PEERS)
    const skipped = peers.flatMap((peer) => (peer.missing?.() ? [`${peer.title} ${peer.missing()}`] : []))
    for (const line of skipped) console.log(`skipped: ${line}`)
    if (names.length || only) return
    const there = peers.filter((peer) => !peer.missing?.())
    const versions = [`Node.js ${process.version}`, ...new Set(await Promise.all(there.map(versionOf)))]
    const text = machineText(versions, skipped, options.full) + tables.join('\n')
    writeFileSync(join(import.meta.dirname, 'RESULTS.md'), text)
  } finally {
    await lab?.down()
  }
}

function isChosen({ name, long }: Work): boolean {
  if (names.length) return names.some((wanted) => name.startsWith(wanted))
  return options.full || !long
}

async function runsOf(work: Work, lab: Lab | undefined): Promise<Runs> {
  const scene = await setScene(lab, work.place, work.steps())
  try {
    const all = Object.entries(work.launches(scene))
    const launches = all.filter(([title], i) => !i || !only || only.includes(title))
    const runs = new Map<string, Run[]>(launches.map(([title]) => [title, []]))
    await wipe(scene)
    // The first run of the first tool warms caches up, and leaves what the others find.
    await measure(launches[0]![1])
    const expected = work.same ? await trees(scene) : undefined
    for (let round = 0; round < rounds; round++) {
      for (const [title, launch] of launches) {
        if (work.slow?.includes(title) && round >= (work.long ? 1 : slowRounds)) continue
        process.stderr.write(`${work.name} ${round + 1}/${rounds} ${title}, load ${loadNow()}\n`)
        if (work.before === 'empty') await wipe(scene)
        else await work.before?.(scene)
        runs.get(title)!.push(await runOf(scene, launch))
        if (expected) compareTrees(title, expected, await trees(scene))
      }
    }
    return runs
  } finally {
    await scene.close()
  }
}

async function runOf(scene: Scene, launch: Parameters<typeof measure>[0]): Promise<Run> {
  const turns = (): number => scene.distances.reduce((sum, distance) => sum + distance.turns(), 0)
  const before = { cpu: hostCpu(scene), turns: turns(), received: await received(scene) }
  const figures = await measure(launch)
  await settle()
  return {
    ...figures,
    hostCpu: hostCpu(scene) - before.cpu,
    turns: scene.distances.length ? (turns() - before.turns) / scene.distances.length : undefined,
    received: (await received(scene)) - before.received,
  }
}

function compareTrees(title: string, expected: readonly string[], found: readonly string[]): void {
  expected.forEach((text, i) => {
    if (text === found[i]) return
    const lines = found[i]!.split('\n')
    const first = text.split('\n').findIndex((line, n) => line !== lines[n])
    throw new Error(
      `${title} left another tree on host ${i + 1}: "${lines[first]}" where "${text.split('\n')[first]}" was expected`,
    )
  })
}

function loadNow(): string {
  return readFileSync('/proc/loadavg', 'utf8').split(' ')[0]!
}
