import type { Difference } from '../contract.js'
import { join, sh, type Script } from '../quote.js'
import type { ComposeParams } from './params.js'
import { projectFunctions, type Project } from './project.js'
import type { ProjectState } from './read.js'
import { downScript } from './removal.js'

/** Shell text that brings the project to the `state` asked for. */
export function composeScript(
  given: ComposeParams,
  project: Project,
  state: ProjectState,
  difference: Difference | undefined,
  images: Images,
): Script {
  const stop = given.timeout === undefined ? [] : ['-t', given.timeout]
  const scripts: Readonly<Record<ComposeParams['state'], () => Script>> = {
    present: () =>
      join([
        ...imagesScript(given, images),
        upScript(given, project, stop, concerned(given, difference, images)),
      ]),
    pulled: () => sh`fplay_project pull -q ${given.services}`,
    restarted: () => sh`fplay_project restart ${stop} ${given.services}`,
    stopped: () => {
      const stopped = sh`fplay_project stop ${stop} ${given.services}`
      return mustBeMade(difference)
        ? join([sh`fplay_project up --no-start ${given.services}`, stopped])
        : stopped
    },
    absent: () => downScript(given, state, stop),
  }
  return join([projectFunctions(project, false), scripts[given.state]()])
}

/**
 * Whether containers are missing, or not as the files say. Where they only have to stop, compose is not asked to make them:
 * it would wait for the health of those that others depend on.
 */
function mustBeMade({ before = {}, names = [] }: Partial<Difference> = {}): boolean {
  return names.some(
    (name) => !name.endsWith('.state') || [undefined, 'absent'].includes(before[name] as undefined),
  )
}

/**
 * The services to bring up: all that are chosen on a first deploy; later only those that differ, because compose v2
 * would make the services that depend on them again too.
 */
function concerned(
  given: ComposeParams,
  difference: Difference | undefined,
  images: Images,
): { only: boolean; services: readonly string[] } {
  const { before = {}, names = [], wished = {} } = difference ?? {}
  const existing = Object.keys(before).some((name) => name.endsWith('.state'))
  if (!existing || given.recreate === 'always') return { only: false, services: given.services }
  const differ = names.flatMap((name) => /^(.*)\.(?:state|hash|image|count|id)$/.exec(name)?.[1] ?? [])
  // What is to go is no longer in the files; --remove-orphans takes it.
  const wanted = differ.filter((name) => wished[`${name}.state`] !== 'absent')
  return { only: true, services: [...new Set([...wanted, ...images.pulled, ...images.built])] }
}

/** Services whose images are pulled, or built, before the containers are looked at. */
export interface Images {
  readonly pulled: readonly string[]
  readonly built: readonly string[]
}

function imagesScript(given: ComposeParams, { pulled, built }: Images): readonly Script[] {
  return [
    ...(given.pull === 'always' && pulled.length > 0 ? [sh`fplay_project pull -q ${pulled}`] : []),
    ...(given.build === 'always' && built.length > 0 ? [sh`fplay_project build ${built}`] : []),
  ]
}

function upScript(
  given: ComposeParams,
  project: Project,
  stop: readonly (string | number)[],
  { only, services }: { readonly only: boolean; readonly services: readonly string[] },
): Script {
  const flags = [
    ...(given.recreate === 'always' ? ['--force-recreate'] : []),
    ...(given.recreate === 'never' ? ['--no-recreate'] : []),
    ...(given.remove_orphans ? ['--remove-orphans'] : []),
    ...(given.build === 'never' ? ['--no-build'] : []),
    ...(given.renew_anon_volumes ? ['--renew-anon-volumes'] : []),
    ...(given.dependencies && !only ? [] : ['--no-deps']),
    ...stop,
    ...[...(given.scale ?? [])].flatMap(([name, count]) => ['--scale', `${String(name)}=${String(count)}`]),
  ]
  const up = only
    ? join([NEEDS_FUNCTION, sh`fplay_project up -d ${flags} $(fplay_needs ${services})`])
    : sh`fplay_project up -d ${flags} ${services}`
  return given.wait ? join([up, waitScript(given, project)]) : up
}

/**
 * The given services, for v2 with all they depend on: v2 counts into a service's hash on which other services of the
 * same `up` it depends, so without them the hash would not be that of the configuration. Those that are as they
 * should be are left alone.
 */
const NEEDS_FUNCTION = sh`fplay_needs() {
echo "$@"
fplay_v2 || return 0
D=$(fplay_project config | while IFS= read -r L; do case $L in
[!\\ ]*) P=$L S=;;
'  '[!\\ ]*:) S=$L I=;;
'    depends_on:') I=y;;
'    '[!\\ ]*) I=;;
'      '[!\\ ]*:) [ "$P" = services: ] && [ "$I" ] && echo "\${S#  }\${L#      }";;
esac; done)
N=" $* " O=
while [ "$N" != "$O" ]; do O=$N
for X in $D; do A=\${X%%:*} B=\${X#*:} B=\${B%:}
case $N in *" $A "*) case $N in *" $B "*) ;; *) N="$N$B "; echo "$B";; esac;; esac
done; done; }`

/** How often a container may be started again while it is waited for. Docker takes longer each time: ten are two minutes. */
const PATIENCE = 10

/**
 * Waits for running and healthy by itself: v1 has no --wait, and the one of v2 gives up on a restart. Who ends again and again
 * will not come up by waiting.
 */
function waitScript(given: ComposeParams, project: Project): Script {
  const filter = `label=com.docker.compose.project=${project.name}`
  const format =
    '{{.State.Status}}/{{if .State.Health}}{{.State.Health.Status}}{{end}} {{.Name}} {{.RestartCount}}'
  return sh`E=$(($(date +%s) + ${given.wait_timeout})) F=
while :; do
A=$(docker inspect --format ${format} $(docker ps -aq --filter ${filter}) || :)
[ -n "$F" ] || F=$A
B=$(printf '%s\n' "$A" | grep -Ev '^running/(healthy)? |^exited/' || :)
[ -n "$B" ] || break
printf 'waiting: %s\n' "$B"
L=$(printf '%s\n' "$B" | while read -r S N C; do
printf '%s\n' "$F" | while read -r _ M O; do [ "$N" != "$M" ] || [ "$C" -lt $((O + ${PATIENCE})) ] || echo "$N"; done; done)
W="not ready after ${given.wait_timeout} s"
[ -z "$L" ] || { W='ends again and again' B=$(printf '%s\n' "$B" | grep -F "$L"); }
if [ -n "$L" ] || [ "$(date +%s)" -ge "$E" ]; then
printf '%s\n' "$B" | while read -r S N C; do
printf '%s: %s %s\n' "$W" "$\{N#/}" "$S" >&2; docker logs --tail 5 "$\{N#/}" >&2 2>&1 || :; done
exit 1; fi
sleep 1; done`
}
