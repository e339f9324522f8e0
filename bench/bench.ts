// npm run bench [-- WORK...] [--full] [--minutes N] [--runs N] [--only PEER,...] [--write] [--list]
// Writes bench/RESULTS.md, after each work; with some works or peers only where --write says so.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Lab } from '../lab/lab.js'
import { measure } from './measure.js'
import { PEERS, versionOf, type Peer } from './peers.js'
import { machineText, tableOf, type Run, type Runs } from './results.js'
import {
  bootDockerHosts,
  bootHosts,
  hostCpu,
  received,
  setScene,
  settle,
  trees,
  wipe,
  type Scene,
} from './scene.js'
import { BULK_WORKS } from './bulk.js'
import { FATE_WORKS } from './fate.js'
import { WORKS as OTHER_WORKS, type Work } from './works.js'

const { values: options, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    full: { type: 'boolean', default: false },
    runs: { type: 'string' },
    only: { type: 'string' },
    /** The works that matter within about so many minutes: fewer rounds, and the slowest peer only where it is quick. */
    minutes: { type: 'string' },
    write: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
})
const rounds = Number(options.runs ?? (options.full ? 7 : 3))
const slowRounds = Math.min(rounds, options.full ? 3 : 1)
const only = options.only?.split(',')
const WORKS = [...OTHER_WORKS, ...BULK_WORKS, ...FATE_WORKS]
const minutes = options.minutes === undefined ? undefined : Number(options.minutes)

await main()

async function main(): Promise<void> {
  if (options.list) {
    for (const { name, about, long } of WORKS)
      console.log(`${name.padEnd(20)} ${about}${long ? ' (--full)' : ''}`)
    return
  }
  const works = WORKS.filter(isChosen)
  if (!works.length) throw new Error('no such work; --list tells them')
  const deadline = minutes === undefined ? Infinity : performance.now() + minutes * 60_000
  const labs: Partial<Record<'python' | 'docker', Lab>> = {}
  const texts: string[] = []
  try {
    for (const [i, work] of works.entries()) {
      const share = (deadline - performance.now()) / (works.length - i)
      texts.push(await textOf(work, labs, performance.now() + share))
      console.log(texts.at(-1))
      if ((!names.length && !only) || options.write) await writeResults(texts)
    }
  } finally {
    for (const lab of Object.values(labs)) await lab.down()
  }
}

/** The table of a work; one that fails is told, and the others go on. */
async function textOf(
  work: Work,
  labs: Partial<Record<'python' | 'docker', Lab>>,
  until: number,
): Promise<string> {
  try {
    const { hosts, docker } = work.place
    if (hosts && docker) labs.docker ??= await bootDockerHosts(2)
    else if (hosts) labs.python ??= await bootHosts(mostHosts())
    return tableOf(work, await runsOf(work, hosts ? labs[docker ? 'docker' : 'python'] : undefined, until))
  } catch (error) {
    process.exitCode = 1
    return `## ${work.name}\n\nfailed: ${error instanceof Error ? error.message : String(error)}\n`
  }
}

function mostHosts(): number {
  const counts = WORKS.filter(isChosen).map(({ place: { hosts, many, docker } }) =>
    docker ? 0 : many ? 1 : hosts,
  )
  return Math.max(0, ...counts)
}

async function writeResults(texts: readonly string[]): Promise<void> {
  const peers: Peer[] = Object.values(PEERS)
  const skipped = peers.flatMap((peer) => (peer.missing?.() ? [`${peer.title} ${peer.missing()}`] : []))
  const there = peers.filter((peer) => !peer.missing?.())
  const versions = [`Node.js ${process.version}`, ...new Set(await Promise.all(there.map(versionOf)))]
  const text = machineText(versions, skipped, process.argv.slice(2)) + texts.join('\n')
  writeFileSync(join(import.meta.dirname, 'RESULTS.md'), text)
}

function isChosen({ name, long }: Work): boolean {
  if (names.length) return names.some((wanted) => name.startsWith(wanted))
  return options.full || !long || (minutes !== undefined && name.startsWith('scale'))
}

/** Rounds over all tools until there were enough, or, after the first, the time is up. */
async function runsOf(work: Work, lab: Lab | undefined, until: number): Promise<Runs> {
  const scene = await setScene(lab, work.place, work.steps())
  try {
    const all = Object.entries(work.launches(scene))
    const launches = all.filter(
      ([title], i) => !i || (!only && !isTooSlow(work, title)) || only?.includes(title),
    )
    const runs = new Map<string, Run[]>(launches.map(([title]) => [title, []]))
    if (work.place.hosts) await wipe(scene)
    // The first run of the first tool warms caches up, and leaves what the others find.
    if (work.same === true || typeof work.before !== 'function') await measure(launches[0]![1])
    const look = work.same === true ? trees : work.same
    let expected = work.same === true ? await trees(scene) : undefined
    for (let round = 0; round < rounds && (!round || performance.now() < until); round++) {
      for (const [title, launch] of launches) {
        if (work.slow?.includes(title) && round >= (work.long ? 1 : slowRounds)) continue
        process.stderr.write(`${work.name} ${round + 1}/${rounds} ${title}, load ${loadNow()}\n`)
        if (work.before === 'empty') await wipe(scene)
        else await work.before?.(scene, launch)
        runs.get(title)!.push(await runOf(scene, launch))
        const found = await look?.(scene)
        if (found) compareTrees(title, (expected ??= found), found)
      }
    }
    return runs
  } finally {
    await scene.close()
  }
}

function isTooSlow({ place }: Work, title: string): boolean {
  return minutes !== undefined && place.hosts > 2 && title === PEERS.default.title
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
      `${title} left something else on host ${i + 1}: "${lines[first]}" where "${text.split('\n')[first]}" was expected`,
    )
  })
}

function loadNow(): string {
  return readFileSync('/proc/loadavg', 'utf8').split(' ')[0]!
}
