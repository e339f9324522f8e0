import type { Dict, Value } from '../../engine/language/value.js'
import { imageSuffix } from './engines.js'
import { imageReferences } from './images.js'
import type { PartiesFile, Party, Settings } from './party.js'
import { SHARED } from './settings.js'
import { fateflowAddress } from './subnet.js'

/** Settings that are worked out for each party, and so are not variables as they stand in the file. */
const WORKED_OUT = [
  'images',
  'ports',
  'registry',
  'exchange',
  'id',
  'address',
  'managed',
  'ssh_user',
  'ssh_port',
]

/** Name of a party's host in the inventory. */
export function hostName(party: Party): string {
  return `party-${party.id}`
}

/** Variables of the whole deployment. */
export function deploymentVars({ deployment, parties }: PartiesFile): Dict {
  const vars: Dict = new Map()
  for (const [name, setting] of Object.entries(SHARED)) {
    if (setting.default !== undefined && !WORKED_OUT.includes(name)) vars.set(name, setting.default)
  }
  addPlain(vars, deployment)
  vars.set('parties', parties.map(describe))
  vars.set('exchange', deployment.get('exchange') ?? null)
  return vars
}

/** Variables of one party's host. */
export function hostVars(party: Party, { parties }: PartiesFile): Dict {
  const { settings } = party
  const vars: Dict = new Map<Value, Value>([
    ['ansible_host', settings.get('address')!],
    ['ansible_user', settings.get('ssh_user') ?? settings.get('user')!],
    ['ansible_port', settings.get('ssh_port')!],
    ['party_id', party.id],
    ['project', `confs-${party.id}`],
    ['peer_address', settings.get('peer_address')!],
    ['bind_address', settings.get('bind_address')!],
    ['ports', new Map<Value, Value>(party.ports)],
    ['fateflow_address', fateflowAddress(settings.get('subnet') as string)],
    ['images', images(settings)],
    ['peers', parties.filter((other) => other !== party).map(describe)],
  ])
  addPlain(vars, party.own)
  return vars
}

function describe(party: Party): Value {
  return new Map<Value, Value>([
    ['id', party.id],
    ['host', hostName(party)],
    ['managed', party.managed],
    ['address', party.settings.get('peer_address')!],
    ['osx_port', party.ports.get('osx')!],
  ])
}

function images(settings: Settings): Dict {
  const suffix = imageSuffix({
    algorithm: settings.get('algorithm') as string,
    device: settings.get('device') as string,
  })
  const given = settings.get('images') as ReadonlyMap<string, string>
  return new Map<Value, Value>(imageReferences(settings.get('registry') as string, suffix, given))
}

function addPlain(vars: Dict, settings: Settings): void {
  for (const [name, value] of settings) {
    if (!WORKED_OUT.includes(name)) vars.set(name, value)
  }
}
