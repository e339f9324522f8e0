import type { OwnAsk, Ran } from './contract.js'
import { constant, join, sh, Script } from './quote.js'

/**
 * A job is a script that goes on in the background of a host (`async`), also when the connection is gone. It has a
 * folder where Ansible has a file: `~/.ansible_async/ID` of the user who runs it, with its output (`out`, `err`), the
 * process that waits for it (`pid`) and, once it has ended, how (`rc`: status and seconds).
 */
export type JobState =
  | { readonly kind: 'none' }
  | { readonly kind: 'running'; readonly folder: string }
  | {
      readonly kind: 'ended'
      readonly folder: string
      readonly ran: Extract<Ran, { kind: 'ran' }>
      /** Why there is no status: it took too long, or it was ended from outside. */
      readonly lost?: 'late' | 'gone'
    }

/** Values that every result of a job has. */
export function jobValues(id: string, finished: boolean): Readonly<Record<string, unknown>> {
  return { ansible_job_id: id, started: 1, finished: finished ? 1 : 0 }
}

/** True for text that can be the id of a job: it names a folder. */
export function isJobId(id: string): boolean {
  return /^[A-Za-z0-9][\w.-]*$/.test(id)
}

/** Sets `$D` to the folder of a job. */
function enter(id: string): Script {
  return sh`D=\${ANSIBLE_ASYNC_DIR:-$HOME/.ansible_async}; case $D in '~/'*) D=$HOME/\${D#??} ;; esac
A=$D D=$D/${id}`
}

/**
 * Starts a script as a job, prints its folder, and returns. A job that is longer than `seconds` on its way is ended. The
 * job is a fork of the shell, so that nothing of it stands in a process list, without parents, so that nobody who ends
 * the shell ends it too. Folders of jobs that ended more than a day ago are removed.
 */
export function startJob(id: string, script: Script, inputs: number, seconds: number): Script {
  return join([
    enter(id),
    sh`mkdir -p -- "$A" && mkdir -m 700 -- "$D" || exit 1
find "$A" -mindepth 2 -maxdepth 2 -name rc -mtime +1 2>/dev/null | while IFS= read -r R; do rm -rf -- "\${R%/rc}"; done`,
    ...Array.from({ length: inputs }, (_, i) => keepInput(i + 1)),
    sh`printf '%s\\n' "$D"
( (
trap '' HUP
for V in /proc/self/task/*; do :; done; echo "\${V##*/}" >"$D/pid"; S=$(date +%s)
( set -e
${script}
) </dev/null >"$D/out" 2>"$D/err" 7>&- &
J=$!
( trap 'kill $Z 2>/dev/null; exit' TERM; sleep ${seconds} & Z=$!; wait $Z; : >"$D/late"; fplay_end "$$" "$J" ) &
W=$!
wait "$J"; C=$?; kill "$W" 2>/dev/null
rm -f -- "$D"/in.*
echo "$C $(($(date +%s) - S))" >"$D/rc.part"; mv -- "$D/rc.part" "$D/rc"
) </dev/null >/dev/null 2>&1 7>&- & )`,
  ])
}

/** An input that travelled as a file is removed when the request has ended: the job keeps it with its own things. */
function keepInput(n: number): Script {
  const own = Script.trusted(`fplay_in_${n}`)
  return sh`case $${own} in f*) mv -f -- "\${${own}#f}" "$D/in.${n}"; ${own}=f$D/in.${n} ;; esac`
}

const LOOK = constant`if ! [ -d "$D" ]; then echo none; exit; fi
printf '%s\n' "$D"
if [ -f "$D/rc" ]; then
  if [ -f "$D/late" ]; then echo late; else echo ended; fi
  cat "$D/rc"; cat "$D/err" >&2; cat "$D/out"
elif read -r P <"$D/pid" && [ -d "/proc/$P" ]; then echo running
else sleep 0.2 2>/dev/null; if [ -f "$D/rc" ]; then echo running; else echo gone; fi; fi`

/** Looks how a job is. */
export function jobAsk(id: string): OwnAsk {
  return {
    kind: 'own',
    key: `job:${id}`,
    script: join([enter(id), LOOK]),
    read: ({ stdout, stderr }) => ({ state: readJob(stdout, stderr) }),
  }
}

function readJob(stdout: string, stderr: string): JobState {
  const [folder = 'none', word = 'none', status = ''] = stdout.split('\n', 3)
  if (folder === 'none' || word === 'none') return { kind: 'none' }
  if (word === 'running') return { kind: 'running', folder }
  const [code = 1, seconds = 0] = status.split(' ').map(Number)
  const printed = word === 'gone' ? '' : stdout.slice(folder.length + word.length + status.length + 3)
  const started = new Date(Date.now() - seconds * 1000)
  const ran = { kind: 'ran', started, seconds, code, stdout: printed, stderr } as const
  if (word === 'ended') return { kind: 'ended', folder, ran }
  return { kind: 'ended', folder, ran: { ...ran, code: 1 }, lost: word === 'late' ? 'late' : 'gone' }
}

/** Removes what a job has left. */
export function removeJob(id: string): Script {
  return join([enter(id), sh`rm -rf -- "$D"`])
}

/** Why a job has no status. */
export function lostMessage(lost: 'late' | 'gone'): string {
  return lost === 'late'
    ? 'async task did not complete within the requested time'
    : 'async task was ended from outside, or by a restart of the host'
}
