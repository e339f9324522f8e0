import fc from 'fast-check'
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import copy from '../../../modules/copy.js'
import file from '../../../modules/file.js'
import stat from '../../../modules/stat.js'
import { emptyForecast } from '../../../engine/run/forecast.js'
import { call, testHost, type TestHost } from '../../support/envelope.js'

const SOURCE = join(mkdtempSync(join(tmpdir(), 'fplay-source-')), 'name.txt')
writeFileSync(SOURCE, 'from a file\n')

/** One task: a module and its parameters, with paths relative to the host's folder. */
interface Step {
  readonly module: 'file' | 'copy' | 'stat'
  readonly params: Readonly<Record<string, unknown>>
}

const MODULES = { file, copy, stat }
const paths = fc.constantFrom('a', 'a/b', 'a/b/c', 'd', 'd/e', 'link', 'link/x', 'd/link2/y')
const modes = fc.constantFrom('0600', '0644', '0755', '0700', 'u+x', 'go-rwx')

const steps: fc.Arbitrary<Step> = fc.oneof(
  fc
    .record({ path: paths, state: fc.constant('directory') })
    .map((params) => ({ module: 'file' as const, params })),
  fc
    .record({ path: paths, state: fc.constant('directory'), mode: modes })
    .map((params) => ({ module: 'file' as const, params })),
  fc
    .record({ path: paths, state: fc.constant('absent') })
    .map((params) => ({ module: 'file' as const, params })),
  fc
    .record({ path: paths, mode: modes, state: fc.constant('file') })
    .map((params) => ({ module: 'file' as const, params })),
  fc
    .record({
      path: fc.constantFrom('link', 'd/link2', 'a/b'),
      src: fc.constantFrom('a', '../a', 'd', 'nowhere'),
      state: fc.constant('link'),
      force: fc.boolean(),
    })
    .map((params) => ({ module: 'file' as const, params })),
  fc
    .record({
      dest: paths,
      content: fc.constantFrom('one\n', 'two\n', ''),
      mode: fc.option(modes, { nil: undefined }),
    })
    .map((params) => ({ module: 'copy' as const, params })),
  fc
    .record({ dest: fc.constantFrom('new/', 'a/', 'd/e/'), src: fc.constant(SOURCE) })
    .map((params) => ({ module: 'copy' as const, params })),
  fc.record({ path: paths, follow: fc.boolean() }).map((params) => ({ module: 'stat' as const, params })),
)

/** Paths of a step in the folder of the host; a slash at the end is kept. */
function placed(step: Step, host: TestHost): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(step.params).map(([name, value]) =>
      name === 'path' || name === 'dest' ? [name, `${host.folder}/${String(value)}`] : [name, value],
    ),
  )
}

/** What a step ends as, and what is registered of it as far as a dry run can know it. */
async function outcomes(
  host: TestHost,
  sequence: readonly Step[],
  checkMode: boolean,
): Promise<readonly string[]> {
  const told: string[] = []
  for (const step of sequence) {
    const result = await call(host, MODULES[step.module], placed(step, host), { checkMode, diff: false })
    const { state, mode, size, checksum, stat: found } = result.values as Record<string, unknown>
    const seen = found as Record<string, unknown> | undefined
    const known = [
      state,
      mode,
      size,
      checksum,
      seen?.['exists'],
      seen?.['isdir'],
      seen?.['mode'],
      seen?.['checksum'],
    ]
    const values =
      result.status === 'failed' ? [] : known.map((value) => (typeof value === 'object' ? '?' : value))
    told.push(`${step.module} ${JSON.stringify(step.params)}: ${result.status} ${JSON.stringify(values)}`)
  }
  return told
}

/** A folder's size is the file system's own business. */
function tidy(line: string): string {
  return line.replace(/"directory","(\d+)",(\d+|"\?")/, '"directory","$1",_')
}

/** The folder that is made anew is not behind the link that stood in its place. */
const THROUGH_A_LINK_THAT_GOES: Step[] = [
  { module: 'file', params: { path: 'd', state: 'absent' } },
  { module: 'file', params: { path: 'd/link2/y', state: 'directory' } },
  { module: 'file', params: { path: 'd/link2', src: 'a', state: 'link', force: true } },
]

/** A link that leads nowhere is no folder: a file takes its place. */
const IN_PLACE_OF_A_LINK_TO_NOWHERE: Step[] = [
  { module: 'file', params: { path: 'link', src: 'nowhere', state: 'link', force: true } },
  { module: 'copy', params: { dest: 'link', content: 'one\n' } },
]

describe('a dry run', function () {
  this.timeout(120_000)

  it('foretells any sequence of files, folders and links, step by step', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(steps, { minLength: 1, maxLength: 9 }),
        fc.boolean(),
        async (sequence, furnished) => {
          const host = testHost(['sh'])
          if (furnished) {
            mkdirSync(`${host.folder}/a/b`, { recursive: true })
            writeFileSync(`${host.folder}/a/b/c`, 'one\n')
            mkdirSync(`${host.folder}/d`)
            symlinkSync('../a', `${host.folder}/d/link2`)
          }
          const foretold = await outcomes(host, sequence, true)
          const done = await outcomes({ ...host, forecast: emptyForecast() }, sequence, false)
          foretold.forEach((line, i) => {
            if (tidy(line) !== tidy(done[i]!)) throw new Error(`foretold ${line}\n    done ${done[i]!}`)
          })
        },
      ),
      {
        numRuns: process.env['FPLAY_TEST'] === 'full' ? 300 : 20,
        examples: [
          [THROUGH_A_LINK_THAT_GOES, true],
          [IN_PLACE_OF_A_LINK_TO_NOWHERE, false],
        ],
      },
    )
  })
})
