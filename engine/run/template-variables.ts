import { statSync } from 'node:fs'
import { hostname } from 'node:os'
import { basename, resolve } from 'node:path'
import { getuid } from 'node:process'
import { DateTime } from '../language/jinja/python/datetime.js'
import { strftime } from '../language/jinja/python/strftime.js'
import type { Dict, Value } from '../language/value.js'
import { stamp } from '../module/free-command.js'
import { controllerUser } from './connect.js'

/** The variables Ansible adds for templates; moments as text. */
export function templateVariables(what: {
  path: string
  file: string
  dest: string | undefined
  managed: string | undefined
}): Dict {
  const { path, file, dest, managed = 'Ansible managed' } = what
  // One that a dry run foresees is not there yet.
  const { mtime, uid } = statSync(file, { throwIfNoEntry: false }) ?? { mtime: new Date(), uid: getuid!() }
  const owner = uid === getuid!() ? controllerUser() : String(uid)
  const names: [string, Value][] = [
    ['ansible_managed', managedText(managed, { host: hostname(), uid: owner, file: path }, mtime)],
    ['template_host', hostname()],
    ['template_path', path],
    ['template_fullpath', resolve(file)],
    ['template_name', basename(file)],
    ...(dest === undefined ? [] : [['template_destpath', dest] as [string, Value]]),
    ['template_mtime', localStamp(mtime)],
    ['template_run_date', localStamp(new Date())],
    ['template_uid', uid === getuid!() ? owner : uid],
  ]
  return new Map(names)
}

/** `ansible_managed`: the setting with names in braces filled in, and the moment of the file as strftime writes it. */
function managedText(setting: string, names: Readonly<Record<string, string>>, mtime: Date): string {
  const named = setting.replace(/\{(\w+)\}/g, (whole, name: string) => {
    return Object.hasOwn(names, name) ? names[name]!.replaceAll('%', '%%') : whole
  })
  const moment = DateTime.local(mtime)
  return strftime(named, { ...moment.fields(), offset: -mtime.getTimezoneOffset() })
}

/** A moment of the controller's clock as Python writes it: `2026-11-25 21:56:36.123000`. */
function localStamp(date: Date): string {
  return stamp(new Date(date.getTime() - date.getTimezoneOffset() * 60_000))
}
