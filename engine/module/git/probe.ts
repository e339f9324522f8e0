import { BadArchive, type ArchiveEntry } from '../archive/entry.js'
import { readTar } from '../archive/tar-read.js'
import { TEXT_LIMIT } from '../../content.js'
import { Fail, type Key, type OwnAsk, type ScriptOutput, type View } from '../contract.js'
import { join, Script, sh } from '../quote.js'
import type { Git, Local } from './params.js'

/** The repository at dest. */
export interface Here {
  readonly repository: 'none' | 'there'
  /** Hash of the commit that is checked out; empty before the first one. */
  readonly head?: string
  /** Branch that is checked out; empty where it is a commit. */
  readonly branch?: string
  /** Address of the remote. */
  readonly url?: string
  /** Branch of the remote that was its HEAD when it was cloned. */
  readonly main?: string
  /** Hash of the wished version, if the repository knows it. */
  readonly known?: string
  /** Whether files that git knows are as the commit has them. */
  readonly clean?: boolean
  readonly submodules?: 'current' | 'other'
  /** Of a bare repository: hashes and names of branches and tags. */
  readonly refs?: string
}

/** What the remote has. */
export interface Remote {
  /** Branch that HEAD stands for; undefined where git is too old to tell. */
  readonly head: string | undefined
  /** Hashes by the full names of branches and tags, of annotated tags those of their commits. */
  readonly refs: ReadonlyMap<string, string>
  /** Why it does not answer. */
  readonly failure: string | undefined
}

const REMOTE: Key = 'http:git'

/** Key of the repository at dest. */
export function hereKey({ dest }: Git): Key {
  return `git:${dest ?? ''}`
}

/** The repository at dest, as probed or foreseen. */
export function hereOf(given: Git, before: View): Here {
  return before.own(hereKey(given)) as object as Here
}

/** What the remote said. Throws Fail when it does not answer. */
export function remoteOf({ repo }: Git, before: View): Remote {
  const remote = before.own(REMOTE)['remote'] as Remote
  if (remote.failure === undefined) return remote
  throw new Fail(`the repository ${repo} cannot be read: ${remote.failure}`, [REMOTE])
}

/** Statuses of {@link gitSettings}. */
const NO_GIT = 97
const OLD_GIT = 95

/**
 * Shell text that sets `$GIT`, and what git needs to know of ssh; it ends where there is no git, or one that would go to the
 * remote without what the parameters say of ssh: before 2.3 git does not know of GIT_SSH_COMMAND.
 */
export function gitSettings(given: Git): Script {
  const { repo, executable, key_file: key, ssh_opts: options } = given
  const ssh = [
    'ssh -o BatchMode=yes',
    ...(options === undefined ? [] : [options]),
    ...(given.accept_hostkey ? ['-o StrictHostKeyChecking=no'] : []),
    ...(given.accept_newhostkey ? ['-o StrictHostKeyChecking=accept-new'] : []),
    ...(key === undefined ? [] : [sh`-i ${key} -o IdentitiesOnly=yes`.text]),
  ].join(' ')
  const isPlain = ssh === 'ssh -o BatchMode=yes'
  const goesBySsh = isBySsh(repo)
  return sh`LC_ALL=C; GIT_OPTIONAL_LOCKS=0; export LC_ALL GIT_OPTIONAL_LOCKS
: "\${GIT_TERMINAL_PROMPT:=0}"; export GIT_TERMINAL_PROMPT
${isPlain ? sh`[ -n "$GIT_SSH_COMMAND$GIT_SSH" ] || { GIT_SSH_COMMAND=${ssh}; export GIT_SSH_COMMAND; }` : sh`GIT_SSH_COMMAND=${ssh}; export GIT_SSH_COMMAND`}
GIT=${executable ?? 'git'}
command -v "$GIT" >/dev/null 2>&1 || exit ${NO_GIT}
${isPlain || !goesBySsh ? sh`:` : sh`case $("$GIT" version) in 'git version '[01].* | 'git version 2.'[0-2] | 'git version 2.'[0-2].*) exit ${OLD_GIT} ;; esac`}`
}

function isBySsh(repo: string): boolean {
  return !/^(?:\/|(?:https?|ftps?|git|file):)/.test(repo)
}

/** What a dry run asks: as `script`, but what ssh learns of host keys on the way goes aside. */
function foretelling({ repo }: Git, settings: Script, script: Script): Pick<OwnAsk, 'foretell'> {
  if (!isBySsh(repo)) return {}
  const host = /^(?:[a-z+]+:\/\/)?(?:[^@/]*@)?(\[[^\]]*\]|[^:/]*)/.exec(repo)![1]!.replace(/^\[|\]$/g, '')
  const aside = sh`H=${host}
case $GIT_SSH_COMMAND in 'ssh '*)
  set -- $(eval "$GIT_SSH_COMMAND -G -- \\"\\$H\\"" 2>/dev/null | sed -n "s,~/,$HOME/,g; s/^userknownhostsfile //p")
  cat -- "$@" >"$ASIDE/known" 2>/dev/null </dev/null || :
  GIT_SSH_COMMAND="ssh -o UserKnownHostsFile=$ASIDE/known\${GIT_SSH_COMMAND#ssh}" ;;
esac`
  return { foretell: { script: join([settings, aside, script]) } }
}

/** Asks for the repository at dest. */
export function hereAsk(given: Git): OwnAsk {
  const { dest = '', bare, remote, version } = given
  const settings = gitSettings(given)
  const script = sh`D=${dest}
if [ -f "$D"/${bare ? 'config' : '.git/config'} ] || ${bare ? sh`false` : sh`[ -f "$D"/.git ]`}; then :; else exit 0; fi
cd -- "$D"; "$GIT" rev-parse --git-dir >/dev/null || exit 96
printf 'head %s\\n' "$("$GIT" rev-parse -q --verify HEAD || :)"
printf 'branch %s\\n' "$("$GIT" symbolic-ref -q HEAD || :)"
printf 'url %s\\n' "$("$GIT" config --get ${`remote.${remote}.url`} || :)"
printf 'main %s\\n' "$("$GIT" symbolic-ref -q ${`refs/remotes/${remote}/HEAD`} || :)"
printf 'known %s\\n' "$("$GIT" rev-parse -q --verify ${`${version}^{commit}`} 2>/dev/null || :)"
${bare ? sh`"$GIT" show-ref --heads --tags | sed 's/^/ref /'` : treeScript(given)}`
  return {
    kind: 'own',
    key: hereKey(given),
    script: join([settings, script]),
    ...(given.track_submodules ? foretelling(given, settings, script) : {}),
    read: readHere,
  }
}

function treeScript({ recursive, track_submodules: tracks }: Git): Script {
  const submodules = sh`[ ! -f .gitmodules ] || ! "$GIT" submodule status --recursive | grep -q ${tracks ? '^[-U]' : '^[^ ]'} || echo 'submodules other'
${tracks ? TRACKED : sh`:`}`
  return sh`! "$GIT" status --porcelain --untracked-files=no --ignore-submodules | grep -q . || echo 'changes yes'
${recursive ? submodules : sh`:`}`
}

/** A submodule that is behind its branch is one that differs. */
const TRACKED = Script.trusted(String.raw`[ ! -f .gitmodules ] || "$GIT" submodule --quiet foreach '
  B=$(git config -f "$toplevel/.gitmodules" "submodule.$name.branch" || echo HEAD)
  case $B in HEAD) ;; *) B=refs/heads/$B ;; esac
  L=$(git ls-remote "$(git config remote.origin.url)" "$B")
  [ "${'${L%%[!0-9a-f]*}'}" = "$(git rev-parse HEAD)" ] || echo "submodules other"'`)

function readHere({ stdout, stderr, code }: ScriptOutput): Readonly<Record<string, unknown>> {
  refuseGit(code)
  if (code !== 0) throw new Fail(lastLine(stderr) ?? `git ended with status ${code}`)
  if (stdout === '') return { repository: 'none' }
  const lines = stdout.split('\n').filter(Boolean)
  const value = (name: string): string =>
    lines.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1) ?? ''
  return {
    repository: 'there',
    head: value('head'),
    branch: value('branch').replace(/^refs\/heads\//, ''),
    url: value('url'),
    main: value('main').replace(/^refs\/remotes\/[^/]*\//, ''),
    known: value('known'),
    clean: value('changes') === '',
    submodules: value('submodules') === '' ? 'current' : 'other',
    refs: lines
      .filter((line) => line.startsWith('ref '))
      .map((line) => line.slice(4))
      .join('\n'),
  }
}

/** Throws Fail for a status of {@link gitSettings}. */
function refuseGit(code: number): void {
  if (code === NO_GIT) {
    throw new Fail(
      'Failed to find required executable "git"',
      ['program:git'],
      'install it with the module package',
    )
  }
  if (code === OLD_GIT) {
    throw new Fail(
      'git of the host is older than 2.3 and would not heed key_file, ssh_opts, accept_hostkey and accept_newhostkey',
      ['program:git'],
      'install a newer one, or say these things in ~/.ssh/config of the host and leave the parameters away',
    )
  }
}

function lastLine(text: string): string | undefined {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
    .at(-1)
}

/** Asks the remote for what the version may mean. */
export function remoteAsk(given: Git, { url }: Local): OwnAsk {
  const { dest, version, remote, bare } = given
  const names = bare
    ? ['HEAD', 'refs/heads/*', 'refs/tags/*']
    : ['HEAD', `refs/heads/${version}`, `refs/tags/${version}`, `refs/tags/${version}^{}`]
  const settings = gitSettings(given)
  const script = sh`B=; if cd -- ${dest ?? '/'} 2>/dev/null; then
  B=$("$GIT" symbolic-ref -q ${`refs/remotes/${remote}/HEAD`} 2>/dev/null || :); cd /
fi
B=\${B#refs/remotes/}; B=\${B#*/}
set -- ${url} ${names} \${B:+"refs/heads/$B"}
if L=$("$GIT" ls-remote --symref "$@" 2>&1) || L=$("$GIT" ls-remote "$@" 2>&1); then printf '%s\\n' "$L"
else printf '%s\\n' "$L" | sed 's/^/failure /'; fi`
  return {
    kind: 'own',
    key: REMOTE,
    once: true,
    script: join([settings, script]),
    ...foretelling(given, settings, script),
    read: (output) => ({ remote: readRemote(output) }),
  }
}

function readRemote({ stdout, code }: ScriptOutput): Remote {
  refuseGit(code)
  const refs = new Map<string, string>()
  for (const [, hash, name] of stdout.matchAll(/^([0-9a-f]{40,64})\s+(\S+)$/gm)) {
    if (name!.endsWith('^{}')) refs.set(name!.slice(0, -3), hash!)
    else if (!refs.has(name!)) refs.set(name!, hash!)
  }
  const failure = [...stdout.matchAll(/^failure (.*\S)\s*$/gm)].map(([, line]) => line!)
  return {
    head: /^ref: refs\/heads\/(\S+)\s+HEAD$/m.exec(stdout)?.[1],
    refs,
    failure: failure.find((line) => /^(?:fatal|error):/.test(line)) ?? failure.at(-1),
  }
}

/** Files that a clone of a repository on the host will have; undefined where they are not known. */
export function filesOf(given: Git, local: Local, before: View): readonly ArchiveEntry[] | undefined {
  if (filesAsk(given, local).length === 0) return undefined
  return before.own(filesKey(given))['files'] as readonly ArchiveEntry[] | undefined
}

function filesKey({ dest }: Git): Key {
  return `git-files:${dest ?? ''}`
}

/** In a dry run: the files of a repository on the host, as far as they are not too many. */
export function filesAsk(given: Git, { path }: Local): readonly OwnAsk[] {
  const { dest, version, bare } = given
  if (path === undefined || dest === undefined || bare) return []
  return [
    {
      kind: 'own',
      key: filesKey(given),
      once: true,
      script: Script.trusted(':'),
      foretell: {
        script: join([
          gitSettings(given),
          sh`[ ! -e ${dest}/.git ] && cd -- ${path} 2>/dev/null || exit 0
for V in ${[`refs/heads/${version}`, `refs/tags/${version}`, `${version}^{commit}`]}; do
  if "$GIT" rev-parse -q --verify "$V" >/dev/null; then "$GIT" archive --format=tar "$V" | head -c ${TEXT_LIMIT} | base64; break; fi
done`,
        ]),
      },
      read: ({ stdout }) => ({ files: readFiles(Buffer.from(stdout.replace(/\s/g, ''), 'base64')) }),
    },
  ]
}

function readFiles(bytes: Buffer): readonly ArchiveEntry[] | undefined {
  if (bytes.length === 0 || bytes.length === TEXT_LIMIT) return undefined
  try {
    return readTar(bytes)
  } catch (error) {
    if (error instanceof BadArchive) return undefined
    throw error
  }
}
