import { linesOf, type Facts, type Parts } from './parts.js'

const VENDORS: readonly (readonly [RegExp, string])[] = [
  [/kvm|qemu|bochs/i, 'kvm'],
  [/vmware/i, 'VMware'],
  [/virtualbox/i, 'virtualbox'],
  [/xen/i, 'xen'],
  [/hyper-v|virtual machine|microsoft/i, 'VirtualPC'],
  [/openstack/i, 'openstack'],
]

/** Whether the host is a container, a virtual machine or neither. */
export function virtualFacts(parts: Parts): Facts {
  const container = linesOf(parts, 'container')
  if (container.some((line) => /docker|containerd/.test(line))) return guest('docker')
  if (container.some((line) => /\/lxc\/|^lxc$/.test(line))) return guest('lxc')
  const lines = linesOf(parts, 'vm')
  const vendor = VENDORS.find(([pattern]) => lines.some((line) => pattern.test(line)))
  if (vendor) return guest(vendor[1])
  const flagged = Number(lines.at(-1) ?? 0) > 0
  return flagged ? guest('NA') : told('NA', 'NA', [])
}

function guest(type: string): Facts {
  return told(type, 'guest', type === 'NA' ? [] : [type])
}

function told(type: string, role: string, technologies: readonly string[]): Facts {
  return {
    virtualization_type: type,
    virtualization_role: role,
    virtualization_tech_guest: technologies,
    virtualization_tech_host: [],
  }
}
