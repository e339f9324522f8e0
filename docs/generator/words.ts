import { SETTINGS } from '../../engine/cli/setting-table.js'
import type { SettingSpec } from '../../engine/cli/setting-spec.js'
import { UNFOLLOWED } from '../../engine/cli/setting-notes.js'
import { WORDS } from '../../engine/cli/reference.js'
import type { WordKind } from '../../engine/cli/reference.js'
import { KEYWORDS } from '../../engine/play/keywords.js'
import type { Keyword } from '../../engine/play/keywords.js'
import { kindWords } from '../../engine/play/value-kinds.js'
import { table } from './modules.js'

/** The page of all filters, tests or lookups. */
export function wordsPage(
  kind: Exclude<WordKind, 'keyword' | 'error'>,
  title: string,
  about: string,
): string {
  const rows = WORDS[kind]().map(({ usage, aliases, summary }) => [
    `\`${usage}\``,
    summary + (aliases.length ? ` Also ${aliases.map((name) => `\`${name}\``).join(', ')}.` : ''),
  ])
  return `# ${title}\n\n${about}\n\n${table(['Written', 'Meaning'], rows)}\n`
}

/** The page of all codes of errors. */
export function errorsPage(): string {
  const rows = WORDS.error().map(({ name, summary }) => [`\`${name}\``, summary])
  const about = 'Every message ends with a code in parentheses. Codes do not change.'
  return `# Codes of errors\n\n${about}\n\n${table(['Code', 'Meaning'], rows)}\n`
}

/** The page of all keywords. */
export function keywordsPage(): string {
  const entries = Object.entries(KEYWORDS as Readonly<Record<string, Keyword>>).sort(([a], [b]) =>
    a < b ? -1 : 1,
  )
  const used = entries.filter(([, { refused }]) => !refused)
  const refused = entries.flatMap(([name, { refused: reason }]) =>
    reason ? [[`\`${name}\``, `${reason.why}; ${reason.cure}`]] : [],
  )
  const rows = used.map(([name, { on, kind, description, alias }]) => [
    `\`${name}\``,
    on.join(', '),
    kindWords(kind),
    description + (alias === undefined ? '' : ` Another name of \`${alias}\`.`),
  ])
  const more = refused.length ? `\n## Refused\n\n${table(['Keyword', 'Why, and what to do'], refused)}\n` : ''
  return `# Keywords of playbooks\n\n${table(['Keyword', 'On', 'Value', 'Meaning'], rows)}\n${more}`
}

/** The page of all settings. */
export function settingsPage(): string {
  const entries = Object.entries(SETTINGS as Readonly<Record<string, SettingSpec>>).sort(([a], [b]) =>
    a < b ? -1 : 1,
  )
  const rows = entries.map(([name, { keys, env = [], kind, choices, default: value }]) => [
    name,
    keys.map((key) => `\`${key}\``).join(', '),
    env.map((variable) => `\`${variable}\``).join(', ') || '—',
    choices ? choices.filter((choice) => !choice.includes('.')).join(', ') : kind,
    value === undefined || (Array.isArray(value) && !value.length) || value === ''
      ? '—'
      : `\`${Array.isArray(value) ? value.join(':') : String(value)}\``,
  ])
  const idle = UNFOLLOWED.filter(({ said }) => said).map(({ name, keys, env, why, always }) => [
    name,
    [...keys, ...env].map((key) => `\`${key}\``).join(', '),
    always === undefined ? why : `${why}: \`${always}\``,
  ])
  return `# Settings

fplay reads \`fplay.cfg\` or \`ansible.cfg\`: what \`FPLAY_CONFIG\` or \`ANSIBLE_CONFIG\` names, the working folder (not when
everybody may write to it), \`~/.fplay.cfg\` or \`~/.ansible.cfg\`, \`/etc/fplay/fplay.cfg\` or \`/etc/ansible/ansible.cfg\`;
the first that exists is the only one. Variables of the environment win over the file, options over both.
\`fplay config dump\` shows each setting with its origin.

${table(['Setting', 'Key in the file', 'Variable', 'Value', 'Default'], rows)}

## Set, and without effect

A run says when one of these is set; others of Ansible's that fplay needs not are only listed by \`fplay config dump\`.

${table(['Setting', 'Key or variable', 'Why'], idle)}
`
}
