import { posix } from 'node:path'
import { isUnknown } from '../engine/unknown.js'
import { attributesScript, ATTRIBUTE_RETURNS } from '../engine/module/attributes.js'
import {
  defineModule,
  Fail,
  type Ask,
  type Converge,
  type Difference,
  type Key,
  type Maybe,
  type Ran,
  type Returned,
  type ScriptOutput,
  type View,
  type Wish,
} from '../engine/module/contract.js'
import { digestAsks, digestOfBytes, listAsk } from '../engine/module/get-url/checksum.js'
import { LOOK, lookAsk, type Look } from '../engine/module/get-url/look.js'
import { GET_URL, prepare, type GetUrl, type Local } from '../engine/module/get-url/params.js'
import {
  bytesOf,
  digestWanted,
  failed,
  nameIn,
  otherSum,
  pathOf,
  placed,
  planOf,
  refuseAnswer,
} from '../engine/module/get-url/plan.js'
import { getScript, GOT, readGot } from '../engine/module/get-url/script.js'
import { HTTP_RULES } from '../engine/module/http-params.js'
import { placedAsks, placedScript, placedValues, placedWish, type Bytes } from '../engine/module/placed.js'
import { sh } from '../engine/module/quote.js'
import { backupsBrought } from '../engine/module/write.js'

function probe(given: GetUrl, { source, sum }: Local): readonly Ask[] {
  const { dest, force, decompress } = given
  return [
    ...placedAsks(placed(given), nameIn(given.url)),
    { kind: 'path', path: posix.dirname(dest), need: 'stat', follow: true },
    ...(given.tmp_dest === undefined
      ? []
      : [{ kind: 'path', path: given.tmp_dest, need: 'stat', follow: true } as const]),
    ...digestAsks(sum?.algorithm, dest),
    ...(sum?.source ? [listAsk(sum.source)] : []),
    lookAsk({ source, dest, force, decompress, sum }),
  ]
}

/** In a folder, the file by the name that the server tells. */
function more(given: GetUrl, before: View, local: Local): readonly Ask[] {
  if (before.path(given.dest).type !== 'directory') return []
  const path = pathOf(given, local, before)
  return [{ kind: 'path', path, need: 'hash', follow: true }]
}

function wanted(given: GetUrl, before: View, local: Local): Wish {
  const { tmp_dest: folder } = given
  const asked = (before.own(LOOK)['look'] as Look).download
  const plan = planOf(given, before, local)
  const key: Key = `path:${plan.path}`
  if (folder !== undefined && plan.get !== 'no' && before.path(folder).type !== 'directory') {
    throw new Fail(
      `${folder} directory does not exist.`,
      [`path:${folder}`],
      'make it with file: state=directory',
    )
  }
  if (asked && plan.because !== 'checksum') refuseAnswer(given, plan.path, asked)
  const parent = posix.dirname(plan.path)
  const { type } = before.path(parent === posix.normalize(given.dest) ? given.dest : parent)
  if (type === 'absent') {
    throw new Fail(
      `Destination ${parent} does not exist`,
      [`path:${parent}`],
      'make it with file: state=directory',
    )
  }
  if (plan.get === 'no') {
    const { sha1, size } = plan.found
    return new Map([
      [key, { ...placedWish(placed(given), plan.path, { sha1: sha1!, size: size! }, before)!, sha1: sha1! }],
    ])
  }
  return new Map([[key, placedWish(placed(given), plan.path, bytesOf(given, plan, before, local), before)!]])
}

function converge(
  given: GetUrl,
  before: View,
  differing: ReadonlyMap<Key, Difference>,
  local: Local,
): Converge {
  const [difference] = [...differing.values()]
  const plan = planOf(given, before, local)
  const { real } = before.path(plan.path)
  const leave = attributesScript(sh`${real}`, difference!.wished, difference!.names, 'file')
  if (plan.get === 'no') return { script: leave, judged: true }
  const { sum } = local
  return {
    judged: true,
    script: getScript({
      source: local.source,
      sum: sum && { algorithm: sum.algorithm, digest: digestWanted(given, local, before) },
      decompress: given.decompress,
      folder: given.tmp_dest,
      sha1: typeof plan.found.sha1 === 'string' ? plan.found.sha1 : undefined,
      place: placedScript(
        placed(given),
        GOT,
        { ...difference!, names: [...difference!.names, 'sha1'] },
        before,
      ),
      leave,
    }),
  }
}

function result(given: GetUrl, before: View, after: View, ran: Ran, local: Local): Returned {
  const plan = planOf(given, before, local)
  const { path, found } = plan
  const got = readGot(local.source, ran)
  if (ran.kind === 'ran' && ran.code !== 0) return failure(given, path, got, ran)
  const { backup_file, owner, group, uid, gid, mode, size, state, secontext } = placedValues(
    path,
    placed(given),
    before,
    after,
    ran,
  )
  const label = secontext === undefined ? {} : { secontext }
  const shared = { url: given.url, dest: path, owner, group, uid, gid, mode, size, state, ...label }
  const look = (before.own(LOOK)['look'] as Look).download
  if (plan.get === 'no') {
    const [msg, status] =
      plan.because === 'checksum'
        ? [
            ran.kind === 'nothing'
              ? 'file already exists'
              : 'file already exists but file attributes changed',
            {},
          ]
        : ['HTTP Error 304: Not Modified', { status_code: 304 }]
    return { values: { ...shared, elapsed: 0, msg, ...status } }
  }
  const download = got?.download ?? look
  const bytes = bytesOf(given, plan, before, local)
  return {
    values: {
      ...shared,
      checksum_src: got?.sha1 ?? bytes.sha1,
      checksum_dest: found.type === 'absent' ? null : found.sha1,
      md5sum: got ? got.md5 : md5Of(bytes.content),
      status_code: download?.status ?? null,
      msg: `OK (${download?.headers.get('content-length') ?? sizeOfFile(local, after.path(path).size)} bytes)`,
      elapsed: ran.kind === 'ran' ? Math.floor(ran.seconds) : 0,
      ...(backup_file === undefined ? {} : { backup_file }),
    },
  }
}

function sizeOfFile({ source }: Local, size: Maybe<number> | undefined): string {
  return source.kind === 'file' && typeof size === 'number' ? String(size) : 'unknown'
}

function md5Of(content: Bytes['content']): unknown {
  return content === undefined || isUnknown(content) ? content : digestOfBytes('md5', content.bytes())
}

function failure(
  given: GetUrl,
  path: string,
  got: ReturnType<typeof readGot>,
  { stderr }: ScriptOutput,
): Returned {
  const said = stderr.trim().split('\n').at(-1) ?? ''
  const sum =
    got?.other === undefined
      ? undefined
      : otherSum(given, path, given.checksum!.replace(/^[^:]*:/, ''), got.other)
  const { status, reason } = got?.download ?? { status: undefined, reason: said }
  const isAnswer = status === 200 || status === undefined
  const error =
    sum ??
    failed(given, path, { status: isAnswer ? undefined : status, reason: isAnswer ? said || reason : reason })
  return { values: { msg: error.message, ...error.values }, failed: error.message, changed: false }
}

/** Gets a file from a server onto the host. */
export default defineModule({
  summary: 'Get a file from a server onto the host',
  description:
    'The host itself asks the server, with curl or GNU wget; for plain http without redirects bash or nc will do. A dry run gets up to 10 MiB too, without keeping them on the host, so that it knows what comes; of what is larger it knows name and size.',
  params: GET_URL,
  rules: HTTP_RULES,
  returns: {
    url: 'The URL.',
    dest: 'Path of the file.',
    checksum_src: 'SHA-1 of what was got.',
    checksum_dest: 'SHA-1 of the file that was there before; null when there was none.',
    md5sum: 'MD5 of what was got.',
    status_code: 'Status of the answer; null for a file of the host.',
    msg: 'OK and the length, or why nothing was got.',
    elapsed: 'Whole seconds that it took.',
    response: 'What the server said when it failed.',
    backup_file: 'Where the old file was kept.',
    ...ATTRIBUTE_RETURNS,
    state: 'file.',
  },
  examples: `
- name: Get the archive of a release, unless it is there
  get_url:
    url: https://mirror.example.com/fate-2.2.0.tar.gz
    dest: /opt/fate-2.2.0.tar.gz
    checksum: sha256:https://mirror.example.com/SHA256SUMS
    mode: "0644"
`,
  prepare,
  probe,
  more,
  wanted,
  converge,
  brings: (given, _before, differing) => backupsBrought(given, differing),
  result,
})
