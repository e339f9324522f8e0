import { posix } from 'node:path'
import { contentOf } from '../engine/content.js'
import {
  defineModule,
  Fail,
  isUnknown,
  Unknown,
  type Ask,
  type Content,
  type Converge,
  type Difference,
  type Key,
  type Maybe,
  type OwnAsk,
  type PathState,
  type Ran,
  type View,
  type Wish,
} from '../engine/module/contract.js'
import { editCrontab, type CronEdit, type CronWish } from '../engine/module/crontab.js'
import type { InferParams } from '../engine/module/params.js'
import { join, sh, type Script } from '../engine/module/quote.js'
import { backupOf, input, writeFile } from '../engine/module/write.js'

const params = {
  name: {
    type: 'str',
    required: true,
    description: 'What the job is called in a comment above it; with env the name of the variable.',
  },
  job: {
    type: 'str',
    aliases: ['value'],
    description: 'The command, on one line; with env the value. Needed for state present.',
  },
  state: {
    type: 'str',
    default: 'present',
    choices: ['absent', 'present'],
    description: 'Whether it should be there.',
  },
  user: {
    type: 'str',
    description: 'Whose crontab, or who runs a job of cron_file. Default: who runs the task.',
  },
  cron_file: {
    type: 'str',
    description:
      'A file that is managed in place of the crontab of a user; a name without slash is one in /etc/cron.d. Needs user.',
  },
  minute: { type: 'str', default: '*', description: 'Minute.' },
  hour: { type: 'str', default: '*', description: 'Hour.' },
  day: { type: 'str', default: '*', aliases: ['dom'], description: 'Day of the month.' },
  month: { type: 'str', default: '*', description: 'Month.' },
  weekday: { type: 'str', default: '*', aliases: ['dow'], description: 'Day of the week, Sunday is 0.' },
  special_time: {
    type: 'str',
    choices: ['annually', 'daily', 'hourly', 'monthly', 'reboot', 'weekly', 'yearly'],
    description: 'A time with a name, in place of the others.',
  },
  disabled: { type: 'bool', default: false, description: 'Keep the job as a comment.' },
  env: { type: 'bool', default: false, description: 'Manage a variable of the crontab.' },
  insertafter: { type: 'str', description: 'With env: put a new variable behind this one.' },
  insertbefore: { type: 'str', description: 'With env: put a new variable before this one.' },
  backup: { type: 'bool', default: false, description: 'Keep the old crontab in a file.' },
} as const
type Params = InferParams<typeof params>

/** Status of a script that found no program for crontabs. */
const NO_CRONTAB = 96

function refuse(given: Params): void {
  const { cron_file: file, user, job, state, env, name, special_time: special } = given
  const times = [given.minute, given.hour, given.day, given.month, given.weekday]
  if (
    [name, user ?? '', ...times, env ? (job ?? '') : ''].some((text) =>
      /[\r\n]/.test(text.replace(/[\r\n]+$/, '')),
    )
  )
    throw new Fail(
      'a crontab has a line for each job, so name, times, user and variables stand on one line each',
    )
  if (file === '/etc/crontab')
    throw new Fail('Will not manage /etc/crontab via cron_file', [], 'use lineinfile')
  if (special !== undefined && times.some((time) => time !== '*')) {
    throw new Fail('You must specify time and date fields or special time.')
  }
  if (env && name.includes(' ')) throw new Fail('Invalid name for environment variable')
  if (state === 'absent') return
  if (file !== undefined && user === undefined) {
    throw new Fail('To use cron_file=... parameter you must specify user=... as well')
  }
  if (job === undefined) throw new Fail("You must specify 'job' to install a new cron job or variable")
  if ((given.insertafter ?? given.insertbefore) !== undefined && !env) {
    throw new Fail('Insertafter and insertbefore parameters are valid only with env=yes')
  }
}

function fileOf({ cron_file: file }: Params): string | undefined {
  return file === undefined ? undefined : posix.resolve('/etc/cron.d', file)
}

function keyOf(given: Params): Key {
  const file = fileOf(given)
  return file === undefined ? `crontab:${given.user ?? ''}` : `path:${file}`
}

function probe(given: Params): readonly Ask[] {
  refuse(given)
  const path = fileOf(given)
  if (path !== undefined) {
    return [
      { kind: 'path', path, need: 'content', follow: true },
      { kind: 'path', path: posix.dirname(path), need: 'stat', follow: true },
    ]
  }
  return [crontabAsk(given)]
}

/** Sets `"$@"` to what names the crontab of another user; only root may. */
function whose({ user }: Params): Script {
  return user === undefined ? sh`set --` : sh`set --; [ "$(id -un)" = ${user} ] || set -- -u ${user}`
}

function crontabAsk(given: Params): OwnAsk {
  return {
    kind: 'own',
    key: keyOf(given),
    script: sh`command -v crontab >/dev/null 2>&1 || exit ${NO_CRONTAB}
${whose(given)}
crontab "$@" -l`,
    read: ({ stdout, stderr, code }) => {
      if (code === NO_CRONTAB) return { ...stateOf(''), lacking: true }
      // With status 1 there is none yet.
      if (code > 1) throw new Fail(`Unable to read crontab: ${stderr.trim()}`)
      return stateOf(withoutHeader(stdout))
    },
  }
}

/** The lines that some programs put above what was installed. */
function withoutHeader(text: string): string {
  const header =
    /^# (?:DO NOT EDIT THIS FILE - edit the master and reinstall\.|\(\/tmp\/.*installed on.*\)|\(.*version.*\))/
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? []
  return lines.filter((line, i) => i > 2 || !header.test(line)).join('')
}

function stateOf(text: string): { readonly sha1: string; readonly content: Content; readonly size: number } {
  const content = contentOf(text)
  return { sha1: content.sha1, size: content.size, content }
}

function textIn(given: Params, before: View): Maybe<string> {
  const key = keyOf(given)
  const path = fileOf(given)
  const { type, content } = path === undefined ? (before.own(key) as Partial<PathState>) : before.path(path)
  if (type === 'absent') return ''
  if (type === 'directory') throw new Fail(`${path!} is a directory`, [key])
  return content === undefined || isUnknown(content)
    ? new Unknown(`content of ${path ?? 'the crontab'}`)
    : content.text()
}

function edited(given: Params, before: View): Maybe<CronEdit> {
  const text = textIn(given, before)
  return isUnknown(text) ? text : editCrontab(text, wishOf(given))
}

function wishOf(given: Params): CronWish {
  const { name, job = '', state, env, insertafter: after, insertbefore } = given
  const present = state === 'present'
  if (!env) return { kind: 'job', name, line: present ? jobLine(given, job) : undefined }
  return { kind: 'env', name, line: present ? `${name}="${job}"` : undefined, after, before: insertbefore }
}

function jobLine(given: Params, job: string): string {
  const { special_time: special, minute, hour, day, month, weekday, user, cron_file: file, disabled } = given
  const time = special === undefined ? [minute, hour, day, month, weekday].join(' ') : `@${special}`
  const words = [time, ...(file === undefined ? [] : [user!]), job.replace(/^[\r\n]+|[\r\n]+$/g, '')]
  return `${disabled ? '#' : ''}${words.join(' ')}`
}

/** Where the program is yet to come, nobody has a crontab. */
function refuseLacking(given: Params, before: View): void {
  if (fileOf(given) !== undefined || before.own(keyOf(given))['lacking'] !== true) return
  if (before.brought('crontab')) return
  throw new Fail(
    'the host has no crontab',
    ['program:crontab'],
    'install cron (Red Hat: cronie), or use cron_file',
  )
}

function wanted(given: Params, before: View): Wish {
  refuseLacking(given, before)
  const edit = edited(given, before)
  const path = fileOf(given)
  const key = keyOf(given)
  if (isUnknown(edit)) return new Map([[key, { sha1: edit } as object]])
  if (edit.text === undefined) return new Map()
  if (path === undefined) return new Map([[key, stateOf(edit.text) as object]])
  if (given.state === 'absent' && !given.env && edit.text.trim() === '') {
    return new Map([[key, { type: 'absent' } as object]])
  }
  const folder = posix.dirname(path)
  const { type } = before.path(folder)
  if (type === 'absent')
    throw new Fail(`the folder ${folder} does not exist`, [`path:${folder}`], 'install cron, or make it')
  const mode = before.path(path).type === 'absent' ? { mode: 0o644 } : {}
  return new Map([[key, { type: 'file', ...mode, ...stateOf(edit.text) } as object]])
}

function converge(given: Params, before: View, differing: ReadonlyMap<Key, Difference>): Converge {
  const [difference] = differing.values()
  const { wished } = difference!
  const old = textIn(given, before)
  const kept = given.backup && !isUnknown(old) ? [contentOf(old)] : []
  const backups = kept.map(
    (content) =>
      sh`B=$(mktemp "\${TMPDIR:-/tmp}/crontab.XXXXXX"); ${input(0, content)} >"$B"; printf 'backup: %s\\n' "$B"`,
  )
  if (wished['type'] === 'absent') {
    return { script: join([...backups, sh`rm -f -- ${String(difference!.before['real'])}`]), inputs: kept }
  }
  const content = wished['content'] as Content
  const source = input(kept.length, content)
  const path = fileOf(given)
  const write =
    path === undefined
      ? sh`${whose(given)}
${source} | crontab "$@" -`
      : writeFile(String(difference!.before['real']), source, difference!, before.session)
  return { script: join([...backups, write]), inputs: [...kept, content] }
}

function warningsOf({ cron_file: file, job = '' }: Params): readonly string[] {
  const name = posix.basename(file ?? 'x')
  const odd = `Filename portion of cron_file ("${name}") should consist solely of upper- and lower-case letters, digits, underscores, and hyphens`
  return [
    ...(/^[A-Za-z0-9_-]+$/.test(name) ? [] : [odd]),
    ...(/[\r\n]/.test(job.replace(/^[\r\n]+|[\r\n]+$/g, '')) ? ['Job should not contain line breaks'] : []),
  ]
}

function backupValue({ backup }: Params, ran: Ran): Readonly<Record<string, unknown>> {
  if (!backup || ran.kind === 'nothing') return {}
  return { backup_file: ran.kind === 'ran' ? backupOf(ran.stdout) : new Unknown('name of the backup') }
}

/** Sees to jobs and variables of cron. */
export default defineModule({
  summary: 'Manage jobs and variables of cron',
  description:
    'Without cron_file the host needs the program crontab. A job is found by its name, or else by its line.',
  params,
  rules: { exclusive: [['insertafter', 'insertbefore']] },
  returns: {
    jobs: 'Names of the jobs that have one.',
    envs: 'Names of the variables.',
    cron_file: 'As given.',
    backup_file: 'Where the old crontab was kept.',
    warnings: 'What cron may not like.',
  },
  examples: `
- name: Back up the models each night
  cron: {name: models, hour: "3", minute: "17", user: fate, job: /data/projects/fate/backup.sh >/dev/null}
- name: Clear old logs, as root, by a file that belongs to this job
  cron: {name: logs, special_time: weekly, user: root, cron_file: fate-logs, job: "find /data/logs -mtime +30 -delete"}
`,
  probe,
  wanted,
  converge,
  result: (given, before, _after, ran) => {
    const edit = edited(given, before)
    const { jobs, envs } = isUnknown(edit) ? { jobs: edit, envs: edit } : edit
    const file = given.cron_file === undefined ? {} : { cron_file: given.cron_file }
    return { values: { jobs, envs, warnings: warningsOf(given), ...file, ...backupValue(given, ran) } }
  },
})
