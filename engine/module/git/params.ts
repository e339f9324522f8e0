import { Fail } from '../contract.js'
import { parseUmask } from '../mode.js'
import type { InferParams, ParamTable } from '../params.js'

/** Parameters of `git`. */
export const GIT = {
  repo: { type: 'str', required: true, aliases: ['name'], description: 'Address of the repository; a path is one of the host.' },
  dest: { type: 'path', description: 'Where the working tree stands; it may be left out only without clone.' },
  version: { type: 'str', default: 'HEAD', description: 'Branch, tag, or hash of a commit; HEAD is the branch that the repository names.' },
  remote: { type: 'str', default: 'origin', description: 'Name of the remote.' },
  refspec: { type: 'str', description: 'Fetched besides, for a version that no branch or tag leads to.' },
  reference: { type: 'str', description: 'Repository on the host that objects are borrowed from.' },
  depth: { type: 'int', description: 'As many commits only, from 1 on; without effect for a version that is a hash.' },
  single_branch: { type: 'bool', default: false, description: 'Only the history of the version.' },
  clone: { type: 'bool', default: true, description: 'Clone what is not there; without it only the commit is told.' },
  update: { type: 'bool', default: true, description: 'Fetch what is new; without it a repository that is there is left as it is.' },
  force: { type: 'bool', default: false, description: 'Discard changes of files that git knows.' },
  bare: { type: 'bool', default: false, description: 'Without a working tree.' },
  recursive: { type: 'bool', default: true, description: 'Submodules too.' },
  track_submodules: { type: 'bool', default: false, description: 'Submodules at the newest commit of their branch, not at the one that the version names.' },
  accept_hostkey: { type: 'bool', default: false, description: 'Let ssh accept any host key.' },
  accept_newhostkey: { type: 'bool', default: false, description: 'Let ssh accept the key of a host that it does not know.' },
  key_file: { type: 'path', description: 'File on the host with the private key for ssh.' },
  ssh_opts: { type: 'str', description: 'Options for ssh, as words of a shell.' },
  umask: { type: 'mode', description: 'The umask while files are written.' },
  executable: { type: 'path', description: 'The program git.' },
} as const satisfies ParamTable // prettier-ignore
export type Git = InferParams<typeof GIT>

/** What the parameters mean. */
export interface Local {
  /** As git is told it: a path becomes a URL, so that `depth` works. */
  readonly url: string
  /** Path of the repository when it is one of the host. */
  readonly path: string | undefined
}

/** The umask as a number; undefined: that of the session. Throws Fail for what is none. */
export function maskOf({ umask }: Git): number | undefined {
  return umask === undefined ? undefined : parseUmask(umask)
}

/** Throws Fail for what git would take as an option, and for parameters that do not go together. */
export async function prepare(given: Git): Promise<Local> {
  const { repo, dest, clone, version, remote, depth } = given
  if (dest === undefined && clone)
    throw new Fail('dest is missing: it may be left out only with clone: false')
  for (const [name, value] of Object.entries({ repo, version, remote, refspec: given.refspec ?? '+' })) {
    if (value === '' || value.startsWith('-') || /[\n\0]/.test(value)) {
      throw new Fail(`${name} ${JSON.stringify(value)} cannot be`)
    }
  }
  if (depth !== undefined && depth < 1) throw new Fail(`depth ${depth} is less than 1`)
  if (given.accept_hostkey && given.accept_newhostkey) {
    throw new Fail('accept_hostkey and accept_newhostkey do not go together')
  }
  maskOf(given)
  const path = /^(?:file:\/\/)?(\/.*)$/.exec(repo)?.[1]
  return path === undefined ? { url: repo, path } : { url: `file://${path}`, path }
}
