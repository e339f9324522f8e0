import { keyText } from '../language/value.js'
import type { Value } from '../language/value.js'
import { taskName } from './names.js'
import type { Node, Play, Task } from './play.js'
import { selected, tagsOf } from './tags.js'

/** What the `--list-…` options show of a play. */
export interface ListedPlay {
  /** Counts from 1 within the playbook. */
  readonly number: number
  readonly patterns: readonly string[]
  readonly name: string
  readonly tags: readonly string[]
  readonly tasks: readonly { readonly name: string; readonly tags: readonly string[] }[]
  /** Tags of the play and of its chosen tasks. */
  readonly taskTags: readonly string[]
}

/** The plays of a playbook with the tasks that the tags choose; rescue and always are not listed, as in Ansible. */
export function listPlays(
  plays: readonly Play[],
  tags: readonly string[],
  skipTags: readonly string[],
): ListedPlay[] {
  return plays.map((play, index) => {
    const tasks = play.sections
      .flatMap((nodes) => nodes.flatMap(listed))
      .filter((task) => selected(task, tags, skipTags))
    return {
      number: index + 1,
      patterns: patternsOf(play.hosts.value),
      name: play.title,
      tags: [...play.tags],
      tasks: tasks.map((task) => ({
        name: task.name ? taskName(task) : task.action,
        tags: tagsOf(task).sort(),
      })),
      taskTags: [...new Set([...play.tags, ...tasks.flatMap(tagsOf)])].sort(),
    }
  })
}

function patternsOf(hosts: Value): string[] {
  return (Array.isArray(hosts) ? hosts : [hosts]).map(keyText)
}

function listed(node: Node): Task[] {
  if (node.kind === 'task') return node.implicit ? [] : [node]
  return node.block.flatMap(listed)
}

/** Which lists are wanted, and the hosts of a play for `--list-hosts`. */
export interface ListOptions {
  readonly tasks: boolean
  readonly tags: boolean
  readonly hosts?: ((play: ListedPlay) => readonly string[]) | undefined
}

/** The lists as ansible-playbook prints them. */
export function formatListing(playbook: string, plays: readonly ListedPlay[], options: ListOptions): string {
  return `\nplaybook: ${playbook}\n${plays.map((play) => formatPlay(play, options)).join('')}`
}

function formatPlay(play: ListedPlay, options: ListOptions): string {
  const patterns = play.patterns.map((pattern) => `'${pattern}'`).join(', ')
  const lines = [
    `\n  play #${play.number} (${play.patterns.join(',')}): ${play.name}\tTAGS: [${play.tags.join(',')}]`,
  ]
  if (options.hosts) {
    const hosts = options.hosts(play)
    lines.push(
      `    pattern: [${patterns}]`,
      `    hosts (${hosts.length}):`,
      ...hosts.map((host) => `      ${host}`),
    )
  }
  if (options.tasks) {
    lines.push(
      '    tasks:',
      ...play.tasks.map(({ name, tags }) => `      ${name}\tTAGS: [${tags.join(', ')}]`),
    )
  }
  if (options.tags) lines.push(`      TASK TAGS: [${play.taskTags.join(', ')}]`)
  return `${lines.join('\n')}\n`
}
