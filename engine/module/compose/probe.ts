import { isUnknown } from '../../unknown.js'
import type { Key, OwnAsk, OwnState, View } from '../contract.js'
import { containerKey } from '../docker/container.js'
import { imageKey } from '../docker/image.js'
import { MEMORY_FUNCTION } from '../memory-file.js'
import type { Script } from '../quote.js'
import { join, sh } from '../quote.js'
import { variableFiles } from './configured.js'
import {
  filesThatCount,
  profileFlags,
  projectFiles,
  projectFunctions,
  projectKey,
  type Project,
} from './project.js'
import { attributesOf, composeTexts, projectOf, readProject } from './read.js'

/** What is asked of a project. */
export interface Asked {
  /** Which services should be; otherwise only what is there matters. */
  readonly wanted: boolean
  /** What may be taken away with the containers: networks, and more. */
  readonly removal: { readonly volumes: boolean; readonly images: boolean } | undefined
  /** The whole configuration in any case: what services need, and how they are built. */
  readonly whole: boolean
  /** Which containers are orphans: the services of all profiles too, active or not. */
  readonly orphans: boolean
}

/**
 * Asks which services should be (unless only what is there matters) and which containers are. The hash of a service
 * is the one that the label of a container holds. To ask compose for the hashes is enough when every service has a
 * container with that hash, as nearly always: then the containers tell the images. Otherwise the resolved
 * configuration is asked for too. v2 must take the hashes from that one where there is an env_file, whose edits the
 * plain hash misses; v1 takes them from the files as they are.
 */
export function projectAsk(project: Project, asked: Asked): OwnAsk {
  return {
    kind: 'own',
    key: projectKey(project),
    files: asked.wanted || asked.removal ? projectFiles(project) : [],
    script: join([
      presentScript(project.name),
      ...(asked.wanted ? [wantedScript(project, asked)] : []),
      ...(asked.removal ? [modelScript(project, asked, asked.removal)] : []),
      detailsScript(asked),
    ]),
    read: (output) => {
      const state = readProject(output, project)
      return { project: state, ...attributesOf(state) }
    },
    further: (output) => furtherStates(readProject(output, project), composeTexts(output.stdout), project),
  }
}

/** Sets A to the containers of the project. */
function presentScript(name: string): Script {
  const listed =
    '{{.ID}}\t{{.Names}}\t{{.Label "com.docker.compose.service"}}\t{{.Label "com.docker.compose.config-hash"}}\t{{.State}}\t{{.Status}}\t{{.Ports}}\t{{.Command}}\t{{.Label "com.docker.compose.oneoff"}}'
  return sh`A=$(docker ps -a --no-trunc --filter ${`label=com.docker.compose.project=${name}`} --format ${listed}) || exit 4
I=`
}

/** What in compose files the plain hash does not tell of. */
const MORE = 'scale|replicas|extends|include|env_file'

function wantedScript(project: Project, asked: Asked): Script {
  const files = filesThatCount(project)
  // The resolved configuration still has the profiles in it.
  const again = sh`fplay_offline -f /dev/fd/9 ${profileFlags(project)} --project-directory ${project.folder} -p ${project.name} config --hash '*'`
  return join([
    MEMORY_FUNCTION,
    projectFunctions(project, true),
    sh`if fplay_v2; then K=v2; else K=v1; fi
fplay_same() {
  ! grep -qE ${MORE} ${files} 2>/dev/null && [ -n "$A" ] || return 1
  while read -r N X; do case $A in *"	$N	$X	"*) ;; *) return 1 ;; esac; done <<EOF
$H
EOF
}
H=; if [ $K = v1 ] || ${asked.whole ? sh`false` : sh`[ -n "$A" ]`}; then H=$(fplay_config config --hash '*') || exit 3; fi
if ${asked.whole ? sh`false` : sh`[ -n "$H" ] && fplay_same`}; then C=; else C=$(fplay_config config) || exit 3
if [ $K = v2 ]; then fplay_memory 9 <<EOF
$C
EOF
H=$(${again}) || exit 3; fi; fi
printf 'kind\\n%s\\nhash\\n%s\\nconfig\\n' $K "$H"
printf '%s\\n' "$C" | sed -n ${CONFIG_LINES}
${asked.orphans ? ORPHANS : sh`:`}
if [ -n "$C" ] && grep -q env_file ${files} 2>/dev/null; then for X in ${files}; do printf 'file\\n'; cat -- "$X"; echo; done; fi
I=$(${CONFIG_IMAGES})`,
  ])
}

/**
 * Where containers are of none of the services in H: the services of all profiles, because one whose profile is not active
 * is no orphan for compose. v1 tells of all in any case.
 */
const ORPHANS = sh`X=$(printf '%s\\n' "$A" | while IFS='	' read -r _ _ N _; do case "
$H" in *"
$N "*) ;; *) echo "$N" ;; esac; done)
if [ -n "$X" ]; then W=; for X in $(fplay_config config --profiles 2>/dev/null); do W="$W --profile $X"; done
X=$(fplay_config $W config --services) || exit 3; printf 'known\\n'; printf '%s\\n' "$X" | sed 's/^/ /'; fi`

/**
 * The configuration of what is there, as far as compose can read the files, and which containers use the networks, volumes
 * and images of the project.
 */
function modelScript(
  project: Project,
  asked: Asked,
  { volumes, images }: NonNullable<Asked['removal']>,
): Script {
  const label = `label=com.docker.compose.project=${project.name}`
  const line = '{{.Name}}\t{{.Label "com.docker.compose.volume"}}'
  return join([
    projectFunctions(project, true),
    sh`if fplay_v2; then K=v2 S=-; else K=v1 S=_; fi
N=$(docker network ls -q --no-trunc --filter ${label}) || exit 4
V=${volumes ? sh`$(docker volume ls --filter ${label} --format ${line})` : sh`''`}
C=; if ${images ? sh`:` : sh`[ -n "$A$N$V" ]`}; then C=$(fplay_config config 2>/dev/null) || C=; fi
H=$(printf '%s\\n' "$C" | sed -n '/^services:/,/^[^ ]/s/^  \\([^ ][^:]*\\):.*/\\1 /p')
printf 'kind\\n%s\\nconfig\\n' $K
printf '%s\\n' "$C" | sed -n ${CONFIG_LINES}`,
    ...(asked.orphans ? [sh`if [ -n "$C" ]; then ${ORPHANS}\nfi`] : []),
    ...(images
      ? [sh`I=$(${CONFIG_IMAGES}); for X in $H; do I="$I "${project.name}"$S$X"; done; ${IMAGE_USERS}`]
      : []),
    USERS,
  ])
}

const CONFIG_LINES = [
  '/^[a-z]/p',
  '/^  [^ ]/p',
  '/^    \\(image\\|scale\\|container_name\\|build\\):/p',
  '/^      replicas:/p',
  '/^    depends_on:/,/^    [^ -]/p',
].flatMap((line) => ['-e', line])

const CONFIG_IMAGES = sh`printf '%s\\n' "$C" | sed -n 's/^    image: *//p' | tr -d "\\"'"`

/** Of each network and volume the name, the key in the files, and the containers. */
const USERS = sh`printf 'networks\\n'; if [ -n "$N" ]; then docker network inspect --format ${'{{.Name}}\t{{index .Labels "com.docker.compose.network"}}{{range $k, $v := .Containers}}\t{{$k}}{{end}}'} -- $N || :; fi
printf 'volumes\\n'; printf '%s\\n' "$V" | while IFS= read -r X; do [ -n "$X" ] || continue
printf '%s' "$X"; docker ps -aq --no-trunc --filter "volume=\${X%%	*}" | while read -r X; do printf '\\t%s' "$X"; done; echo; done`

/** Of each container the image. */
const IMAGE_USERS = sh`printf 'users\\n'; L=$(docker ps -aq --no-trunc); [ -z "$L" ] || docker inspect --type container --format ${'{{.Id}}\t{{.Image}}'} -- $L || :`

/** What docker says of containers and images, each in one start of it. */
function detailsScript({ removal, wanted }: Asked): Script {
  const container =
    '{{.ID}}\t{{.Config.Image}}\t{{.Image}}\t{{.State.StartedAt}}\t{{.State.ExitCode}}\t{{if .State.Health}}{{.State.Health.Status}}{{end}}'
  const image = '{{.Id}}{{range .RepoTags}} {{.}}{{end}}{{range .RepoDigests}} {{.}}{{end}}'
  return join([
    sh`printf 'containers\\n%s\\ndetails\\n' "$A"; L=$(printf '%s\\n' "$A" | cut -f 1); D=
if [ -n "$A" ]; then D=$(docker inspect --type container --format ${container} -- $L) || exit 4; printf '%s\\n' "$D"; fi`,
    ...(wanted || removal?.images
      ? [
          sh`printf 'images\\n'; I="$I $(printf '%s\\n' "$D" | cut -f 2)"
for X in $I; do docker image inspect --format ${image} -- $I || :; break; done`,
        ]
      : []),
  ])
}
/** Images and containers by their own keys; files of variables, so that what a dry run would write into them counts. */
function furtherStates(
  state: ReturnType<typeof readProject>,
  texts: readonly string[],
  project: Project,
): ReadonlyMap<Key, OwnState> {
  const files = texts.flatMap((text) => variableFiles(text, project.folder))
  return new Map<Key, OwnState>([
    ...state.services
      .filter(({ image }) => image !== '')
      .map(({ image, imageId }) => [imageKey(image), { id: imageId ?? 'absent' }] as const),
    ...state.containers.map(
      ({ name, state: running, id, imageId, started }) =>
        [containerKey(name), { state: running, id, image: imageId, started }] as const,
    ),
    ...files.map(([, path]) => [`path:${path}` as Key, {}] as const),
  ])
}

/** Services whose file of variables an earlier task of a dry run would have written. */
export function rewritten(project: Project, before: View): ReadonlySet<string> {
  const { variableFiles: files } = projectOf(before.own(projectKey(project)))
  const isNew = (path: string): boolean => {
    const { sha1, type } = before.own(`path:${path}`)
    return sha1 !== undefined || type === 'absent' || isUnknown(type)
  }
  return new Set(files.filter(([, path]) => isNew(path)).map(([service]) => service))
}
