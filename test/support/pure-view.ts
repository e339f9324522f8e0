import type { PathState, View } from '../../engine/module/contract.js'

/** A view of a host that has just these entries, for what needs no host; anything else that is asked is a defect. */
export function pureView(paths: Readonly<Record<string, Omit<PathState, 'real'>>>): View {
  const refuse = (what: string): never => {
    throw new Error(`${what} was not probed`)
  }
  return {
    session: { user: 'root', uid: 0, group: 'root', gid: 0, umask: 0o022, home: '/root', folder: '/root' },
    path: (path) => ({ ...(paths[path] ?? refuse(path)), real: path }),
    parent: () => undefined,
    knows: (path) => path in paths,
    told: () => false,
    tree: refuse,
    user: refuse,
    group: refuse,
    own: refuse,
    controller: refuse,
    present: (paths) => paths.length > 0,
    holder: () => undefined,
    settings: () => ({}),
    foreseenUsers: () => new Map(),
    brought: () => false,
  }
}
