import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { fail, FplayError } from '../errors.js'
import { isDict } from '../language/value.js'
import type { Dict, Value } from '../language/value.js'
import { parseYaml } from '../language/yaml.js'
import type { Builder } from './build.js'
import type { Group } from './hosts.js'

const run = promisify(execFile)

/**
 * Reads what an executable prints for `--list`, and for `--host NAME` when it gives no `_meta`. Fails with
 * `bad-inventory` when it cannot be run, fails, or prints something else than Ansible's JSON.
 */
export async function readScript(path: string, builder: Builder): Promise<void> {
  const groups = await ask(path, ['--list'])
  const meta = groups.get('_meta')
  const hostVars = isDict(meta) ? meta.get('hostvars') : undefined
  const hosts = new Set<string>()
  for (const [name, data] of groups) if (name !== '_meta') readGroup(path, builder, name, data, hosts)
  for (const name of hosts) {
    const given = isDict(hostVars) ? hostVars.get(name) : await ask(path, ['--host', name])
    if (given === undefined || given === null) continue
    if (!isDict(given)) return refuse(path, `the variables of the host "${name}" are no dictionary`)
    const host = builder.inventory.hosts.get(name)!
    for (const [key, value] of given) builder.setVar(host, key, value)
  }
}

async function ask(path: string, args: readonly string[]): Promise<Dict> {
  let output: string
  try {
    output = (await run(path, args, { maxBuffer: 1 << 30 })).stdout
  } catch (error) {
    const { code, stderr } = error as { code?: number | string; stderr?: string }
    const why = stderr?.trim() || (typeof code === 'number' ? `exit status ${code}` : String(code))
    return refuse(path, `${args.join(' ')} failed: ${why}`)
  }
  if (args[0] === '--host' && output.trim() === '') return new Map()
  return readJson(path, args, output)
}

function readJson(path: string, args: readonly string[], output: string): Dict {
  try {
    JSON.parse(output)
    const { value } = parseYaml(output, `${path} ${args.join(' ')}`)
    if (isDict(value)) return value
  } catch (error) {
    if (!(error instanceof SyntaxError) && !(error instanceof FplayError)) throw error
    return refuse(path, `${args.join(' ')} printed what is no JSON: ${error.message}`)
  }
  return refuse(path, `${args.join(' ')} printed JSON that is no dictionary`)
}

function readGroup(path: string, builder: Builder, name: Value, data: Value, seen: Set<string>): void {
  const group = builder.addGroup(name)
  const given = groupData(group, data)
  const hosts = given.get('hosts') ?? []
  if (!Array.isArray(hosts)) return refuse(path, `the hosts of the group "${group.name}" are no list`)
  for (const host of hosts) {
    if (typeof host !== 'string') return refuse(path, `the group "${group.name}" has a host ${String(host)}`)
    builder.addHost(host, group.name)
    seen.add(host)
  }
  const vars = given.get('vars') ?? new Map<Value, Value>()
  if (!isDict(vars)) return refuse(path, `the vars of the group "${group.name}" are no dictionary`)
  for (const [key, value] of vars) builder.setVar(group, key, value)
  const children = given.get('children') ?? []
  if (!Array.isArray(children)) return refuse(path, `the children of the group "${group.name}" are no list`)
  for (const child of children) builder.addChild(group.name, builder.addGroup(child).name)
}

/** A bare list is the hosts; a dictionary without any section is a host of that name with these variables. */
function groupData(group: Group, data: Value): Dict {
  if (!isDict(data)) return new Map([['hosts', data]])
  if (['hosts', 'vars', 'children'].some((key) => data.has(key))) return data
  return new Map<Value, Value>([
    ['hosts', [group.name]],
    ['vars', data],
  ])
}

function refuse(path: string, message: string): never {
  return fail({
    code: 'bad-inventory',
    message: `the inventory script ${path}: ${message}`,
    cure: 'run it by hand with --list; a source that is no script must not be executable',
  })
}
