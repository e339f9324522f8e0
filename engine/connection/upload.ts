import { createHash } from 'node:crypto'
import type { Content } from '../content.js'
import { fail, FplayError } from '../errors.js'
import { sh } from '../module/quote.js'
import type { Shell } from './shell.js'

/** Where an upload goes: to a path, or to a file of the engine's own that a script reads later. */
export type Destination = { readonly path: string } | 'kept'

/** Told how many bytes of how many are on the host. */
export type Progress = (sent: number, total: number) => void

/**
 * Sends a content through a shell of its own and returns the file's path. A part that an earlier try left is continued where its
 * SHA-1 is that of the content's beginning; what is sent is under the connection's checksum.
 */
export async function upload(
  shell: Shell,
  content: Content,
  to: Destination,
  onProgress: Progress | undefined,
): Promise<string> {
  let answered!: (line: string) => void
  let text = ''
  const answer = new Promise<string>((resolve) => (answered = resolve))
  const job = shell.run({
    script: receive(content, to),
    feeds: true,
    onStdout: (bytes) => {
      text += bytes.toString('utf8')
      if (text.endsWith('\n')) answered(text.slice(0, -1))
    },
  })
  const line = await Promise.race([answer, job.reply.then(() => undefined)])
  const [, have, sum, path] = /^(\d+) (\S+) ([^]*)$/.exec(line ?? '') ?? []
  if (have !== undefined) {
    const from = await agreed(shell, content, Number(have), sum!)
    await send(shell, content, from, onProgress)
  }
  const { code, stderr } = await job.reply
  if (code === 0 && path !== undefined) return path
  return fail({
    code: 'task-failed',
    message: `a file of ${content.size} bytes could not be sent: ${stderr.toString('utf8').trim()}`,
  })
}

/** Tells the script whether the bytes that are there are the first ones of the content; where to go on. */
async function agreed(shell: Shell, content: Content, have: number, sum: string): Promise<number> {
  if (have === 0) return 0
  const same = (await beginningOf(content, have)) === sum
  await shell.feed(Buffer.from(same ? 'on\n' : 'anew\n'))
  return same ? have : 0
}

/** SHA-1 of the first bytes of a content. */
async function beginningOf(content: Content, length: number): Promise<string> {
  const hash = createHash('sha1')
  let left = length
  for await (const piece of piecesFrom(content, 0)) {
    hash.update(piece.subarray(0, left))
    left -= Math.min(left, piece.length)
    if (left === 0) break
  }
  return hash.digest('hex')
}

/** Bytes of the content from `from` on, as fast as the channel takes them. */
async function send(
  shell: Shell,
  content: Content,
  from: number,
  onProgress: Progress | undefined,
): Promise<void> {
  let sent = from
  onProgress?.(sent, content.size)
  if (from < content.size) {
    for await (const piece of piecesFrom(content, from)) {
      const rest = piece.subarray(0, content.size - sent)
      await shell.feed(rest)
      sent += rest.length
      onProgress?.(sent, content.size)
    }
  }
  if (sent === content.size) return
  const error = new FplayError([
    {
      code: 'file-unreadable',
      message: `a file became smaller while it was sent: ${sent} of ${content.size} bytes`,
      cure: 'run again when nothing writes to it',
    },
  ])
  shell.destroy(error)
  throw error
}

/** The bytes of a content from `from` on, each piece good until the next is asked for. */
async function* piecesFrom(content: Content, from: number): AsyncGenerator<Buffer> {
  if (content.pieces) return yield* content.pieces(from)
  let at = 0
  for await (const chunk of content.open() as AsyncIterable<Buffer>) {
    const rest = chunk.subarray(Math.max(0, from - at))
    at += chunk.length
    if (rest.length > 0) yield rest
  }
}

/**
 * Reads what follows on its input into a partial file from where that ends, and gives it its name; where only the host can tell
 * that all is right, it is checked before.
 */
function receive(content: Content, to: Destination): string {
  const path = to === 'kept' ? '' : to.path
  const sha1 = content.sure ? '' : content.sha1
  return sh`id=${content.id} size=${content.size} to=${path} sha1=${sha1}`.text + RECEIVE
}

const RECEIVE = `
umask 077
fail() { echo "$1" >&2; exit 1; }
own() { [ -d "$1" ] && [ ! -L "$1" ] && [ -O "$1" ] && [ -w "$1" ]; }
if [ -n "$to" ]; then
  case $to in */*) dir=\${to%/*}/ ;; *) dir= ;; esac
  partial=\${dir}.fplay-partial-$id
else
  dir=$HOME/.fplay
  own "$dir" || mkdir -m 700 "$dir" 2>/dev/null || {
    dir=/tmp/.fplay-$(id -u); own "$dir" || mkdir -m 700 "$dir" || exit
  }
  partial=$dir/partial-$id to=$dir/$id.$$
fi
have=0 sum=- ended='the connection ended before all had arrived'
begin() { rm -f -- "$partial"; (set -C; : >"$partial"); }
if [ -f "$partial" ] && [ ! -L "$partial" ] && [ -O "$partial" ]; then
  have=$(($(wc -c <"$partial")))
  [ "$have" -le "$size" ] || { begin || exit; have=0; }
else
  begin || exit
fi
if [ "$have" -gt 0 ]; then sum=$(head -c "$have" <"$partial" | sha1sum) || exit; fi
echo "$have \${sum%% *} $to"
if [ "$have" -gt 0 ]; then
  read -r answer || fail "$ended"
  [ "$answer" = on ] || { begin || exit; have=0; }
fi
if [ "$have" -lt "$size" ]; then
  told=$(LC_ALL=C dd iflag=fullblock,count_bytes oflag=seek_bytes conv=notrunc bs=262144 \\
    seek="$have" count=$((size - have)) of="$partial" 2>&1) || fail "cannot write $partial"
  # The blocks that arrived here, not how long the file is: another try may go on in it while this one's line is dead.
  left=$((size - have))
  [ "\${told%% *}" = "$((left / 262144))+$((left % 262144 > 0))" ] || fail "$ended"
fi
[ $(($(wc -c <"$partial"))) -eq "$size" ] || fail "$ended"
if [ -n "$sha1" ]; then
  sum=$(sha1sum <"$partial") || exit
  [ "\${sum%% *}" = "$sha1" ] || { rm -f -- "$partial"; fail 'what arrived has another checksum'; }
fi
mv -f -- "$partial" "$to"`

/**
 * Removes the engine's own folder of the user who runs it, with what broken transfers have left there. Only for the end
 * of a run that shares the host with no other.
 */
export const SWEEP = `
for fplay_v in "$HOME"/.fplay /tmp/.fplay-[0-9]*; do
  if [ -d "$fplay_v" ] && [ ! -L "$fplay_v" ] && [ -O "$fplay_v" ]; then rm -rf -- "$fplay_v"; fi
done
:`
