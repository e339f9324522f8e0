import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { contentOf, type Content } from '../content.js'
import { fail } from '../errors.js'

/** A module of a user's own in any language: a file that runs on the host and speaks Ansible's JSON convention. */
export interface Program {
  /** Path on the controller. */
  readonly file: string
  readonly content: Content
  /** How it takes its arguments: from a file as JSON, or (`old`) as `key=value` words. */
  readonly style: 'json' | 'old'
  /** Words of its `#!` line; none: what the file is, the host's kernel can run. */
  readonly interpreter: readonly string[]
  /** It knows `_ansible_check_mode`, so a dry run may run it. */
  readonly checks: boolean
}

/** Reads what kind of program a file is, as Ansible tells them apart. Fails with `bad-module` for kinds that need Ansible. */
export function readProgram(file: string): Program {
  const bytes = readFileSync(file)
  // Latin 1 keeps every byte, so that a name is found in what a compiler made, too.
  const text = bytes.toString('latin1')
  const checks = text.includes('_ansible_check_mode')
  const common = { file, content: contentOf(bytes), checks }
  if (isBinary(bytes)) return { ...common, style: 'json', interpreter: [] }
  refuseKinds(file, text)
  const interpreter = interpreterOf(text)
  if (interpreter.length === 0) {
    return fail({
      code: 'bad-module',
      message: `${file} has no interpreter line`,
      cure: 'let its first line be #! and the program that runs it, for example #!/bin/sh',
    })
  }
  return { ...common, style: text.includes('WANT_JSON') ? 'json' : 'old', interpreter }
}

/** The words of the `#!` line; none when there is none. */
function interpreterOf(text: string): readonly string[] {
  const line = /^#!\s*(.*?)\s*$/m.exec(text.split('\n', 1)[0]!)?.[1] ?? ''
  return line === '' ? [] : line.split(/\s+/)
}

/** Control characters that no text has are in the first KiB. */
function isBinary(bytes: Buffer): boolean {
  return bytes.subarray(0, 1024).some((byte) => byte < 7 || (byte > 13 && byte < 32 && byte !== 27) || byte === 11 || byte === 127) // prettier-ignore
}

/** What makes a module one that only Ansible can run. */
const NEEDS_ANSIBLE: readonly (readonly [RegExp, string])[] = [
  [/^\s*(?:from|import)\s+(?:ansible|ansible_collections)\.\S*module_utils/m, "Ansible's library for Python"],
  [/<<INCLUDE_ANSIBLE_MODULE_(?:COMMON|JSON_ARGS|WINDOWS)/, 'text that Ansible puts into it'],
  [/^#\s*(?:POWERSHELL_COMMON|Requires\s+-Module|AnsibleRequires)/im, "Ansible's library for PowerShell"],
]

function refuseKinds(file: string, text: string): void {
  const what = NEEDS_ANSIBLE.find(([pattern]) => pattern.test(text))?.[1]
  if (what === undefined) return
  fail({
    code: 'bad-module',
    message: `${basename(file)} needs ${what}, which fplay does not have (${file})`,
    cure: 'let it say WANT_JSON, read its arguments as JSON from the file that its first argument names, and print its result as JSON; or write it in JavaScript as a module of fplay',
  })
}
