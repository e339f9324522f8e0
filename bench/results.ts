import { cpus, release, totalmem } from 'node:os'
import { median, type Figures } from './measure.js'
import type { Work } from './works.js'

/** One run of one tool. */
export interface Run extends Figures {
  /** Seconds of CPU of the hosts for it. */
  readonly hostCpu: number
  /** Answers waited for, a host; only where hosts are far away. */
  readonly turns?: number | undefined
  /** MiB that reached the hosts. */
  readonly received: number
}

/** All runs of a work by title, in the order of its launches. */
export type Runs = ReadonlyMap<string, readonly Run[]>

const COLUMNS = [
  '',
  'wall s',
  'ratio',
  'controller CPU s',
  'hosts CPU s',
  'all CPU ratio',
  'peak MiB',
  'round trips',
  'sent MiB',
  'runs',
]

/** A work's figures as a table of Markdown: medians, and the ratios of medians to the first line. */
export function tableOf(work: Work, runs: Runs): string {
  const of = (title: string, figure: (run: Run) => number): number => median(runs.get(title)!.map(figure))
  const [first] = runs.keys()
  const all = (run: Run): number => run.cpu + run.hostCpu
  const rows = [...runs.keys()].map((title) => {
    const turns = runs.get(title)!.map((run) => run.turns)
    return [
      title,
      of(title, (run) => run.wall).toFixed(3),
      (of(title, (run) => run.wall) / of(first!, (run) => run.wall)).toFixed(2),
      of(title, (run) => run.cpu).toFixed(3),
      of(title, (run) => run.hostCpu).toFixed(2),
      (of(title, all) / of(first!, all)).toFixed(2),
      of(title, (run) => run.peak).toFixed(0),
      turns[0] === undefined ? '' : median(turns as number[]).toFixed(0),
      of(title, (run) => run.received).toFixed(1),
      String(turns.length),
    ]
  })
  const hosts = work.place.hosts ? `, ${work.place.hosts} hosts` : ''
  const away = work.place.away ? ` ${work.place.away} ms away` : ''
  const lines = [COLUMNS, COLUMNS.map((_, i) => (i ? '---:' : '---')), ...rows]
  return [
    `## ${work.name}`,
    '',
    `${work.about}${hosts}${away}.${work.goal ? ` Goal: ${work.goal}.` : ''}`,
    '',
    ...lines.map((cells) => `| ${cells.join(' | ')} |`),
    '',
  ].join('\n')
}

/** What the figures were taken on. */
export function machineText(
  versions: readonly string[],
  skipped: readonly string[],
  options: readonly string[],
): string {
  const [cpu] = cpus()
  return `# fplay beside its peers

Written by \`npm run bench${options.length ? ` -- ${options.join(' ')}` : ''}\`: the same work with each tool in turn, round by round; medians, and ratios
of medians to the first line of each table. Hosts run on the same machine and share its processors, so wall times
include their work; CPU is told apart. Where it matters, the hosts' trees are compared after every run, and equal.

- ${cpus().length} × ${cpu?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}
- ${versions.join('\n- ')}
${skipped.map((line) => `- skipped: ${line}\n`).join('')}
`
}
