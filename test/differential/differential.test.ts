import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { ansibleVersion, PYTHON_HOSTS, recordCase } from '../support/differential/ansible-course.js'
import { allCases, allRecordings, readRecording, recordingFile } from '../support/differential/case.js'
import type { Case, Course, RunTrace } from '../support/differential/case.js'
import { runFplay } from '../support/differential/fplay-course.js'
import type { FplayRun } from '../support/differential/fplay-course.js'
import { createStage } from '../support/differential/stage.js'
import type { Stage } from '../support/differential/stage.js'
import { countFidelity } from '../support/fidelity.js'
import { changes } from '../support/foretell.js'
import { useLab } from '../support/lab.js'
import { takeOut } from '../support/differential/take-out.js'

describe('what ansible-playbook has run, fplay runs alike', function () {
  this.timeout(60_000)
  const lab = useLab()
  const folder = mkdtempSync(join(tmpdir(), 'fplay-differential-'))
  let stage: Stage
  before(async () => void (stage = await createStage(lab(), folder)))
  const cases = allCases()
  after(() => rmSync(folder, { recursive: true }))

  it('has a case for each recording', () => {
    expect(allRecordings()).to.have.members(cases.map(recordingFile))
  })

  it('has at least a hundred cases of the language, each of which says what it could not do without', () => {
    const language = cases.filter(({ name }) => !name.startsWith('modules/'))
    expect(language.length).to.be.at.least(100)
    expect(language.filter(({ without }) => !without.length).map(({ name }) => name)).to.deep.equal([])
  })

  for (const one of cases) {
    it(one.name, async () => {
      const recorded = readRecording(one)
      await stage.reset(one)
      const foretold = one.check === 'none' ? undefined : await foretell(one, stage, folder)
      const runs: FplayRun[] = []
      for (const flags of one.runs) runs.push(await call(one, flags, stage, folder))
      const output = runs.map((run) => run.output).join('\n')
      const course = { runs: runs.map(({ trace }) => trace), state: await stage.state(one) }
      expect(comparable(plain(course, stage, one), one), output).to.deep.equal(comparable(recorded, one))
      if (foretold && one.check === 'foretold') {
        const wrong = countFidelity(foretold.ends, runs[0]!.ends)
        expect(wrong, 'not foretold, or results of another shape').to.deep.equal([])
        expect(changes(foretold), `foretold:\n${foretold.output}\nwas:\n${output}`).to.deep.equal(
          changes(runs[0]!),
        )
      }
      if (one.settles) await settles(one, stage, folder)
    })
  }
})

if (process.env['FPLAY_TEST'] === 'full') {
  describe('a case fails when its feature is taken out', function () {
    this.timeout(60_000)
    const lab = useLab()
    const folder = mkdtempSync(join(tmpdir(), 'fplay-without-'))
    let stage: Stage
    before(async () => void (stage = await createStage(lab(), join(folder, 'stage'))))
    after(() => rmSync(folder, { recursive: true }))

    for (const [at, one] of allCases().entries()) {
      for (const [nth, what] of one.without.entries()) {
        it(`${one.name} without ${what}`, async () => {
          const without = takeOut(one, what, join(folder, `${at}-${nth}`))
          await stage.reset(one)
          const runs: FplayRun[] = []
          for (const flags of one.runs) runs.push(await call(without, flags, stage, folder))
          // It is still a playbook, and does something else.
          const output = runs.map((run) => run.output).join('\n')
          expect(
            runs.some(({ trace }) => trace.exit !== 4 || trace.tasks.length > 0),
            output,
          ).to.equal(true)
          const course = { runs: runs.map(({ trace }) => trace), state: await stage.state(one) }
          const [is, was] = [
            comparable(plain(course, stage, without), one),
            comparable(readRecording(one), one),
          ]
          expect(is, output).to.not.deep.equal(was)
        })
      }
    }
  })

  describe('recordings are what ansible-playbook does today', function () {
    this.timeout(120_000)
    const lab = useLab(PYTHON_HOSTS)
    const folder = mkdtempSync(join(tmpdir(), 'fplay-recorded-'))
    let stage: Stage
    before(async function () {
      if ((await ansibleVersion()) === undefined) this.skip()
      stage = await createStage(lab(), folder)
    })
    after(() => rmSync(folder, { recursive: true }))

    for (const one of allCases()) {
      it(one.name, async () => {
        const fresh = await recordCase(one, stage, folder)
        expect(comparable(fresh, one)).to.deep.equal(comparable(readRecording(one), one))
      })
    }
  })
}

function call(one: Case, flags: readonly string[], stage: Stage, folder: string): Promise<FplayRun> {
  const sources = [stage.inventory, ...one.inventory].flatMap((source) => ['-i', source])
  return runFplay([one.file, ...sources, ...flags], { XDG_STATE_HOME: folder, ...stage.env, ...one.env })
}

/** A dry run on fresh hosts, which leaves them as they were. */
async function foretell(one: Case, stage: Stage, folder: string): Promise<FplayRun> {
  const changed = await stage.watch()
  const run = await call(one, [...one.runs[0]!, '--check', '--diff'], stage, folder)
  expect(await changed(), `changed by --check\n${run.output}`).to.deep.equal([])
  return run
}

/** The last call, once more, finds nothing to change. */
async function settles(one: Case, stage: Stage, folder: string): Promise<void> {
  const again = await call(one, one.runs.at(-1)!, stage, folder)
  expect(changes(again), `the second time:\n${again.output}`).to.deep.equal([])
}

function plain(course: Course, stage: Stage, one: Case): Course {
  return JSON.parse(stage.plain(JSON.stringify(course), one)) as Course
}

/** What must be equal: all but the version, and the order where it is left to chance. */
function comparable({ runs, state }: Course, { ordered }: Case): Course {
  const told = ordered ? runs : runs.map((run) => ({ ...run, tasks: run.tasks.flatMap(apart).sort(byText) }))
  return { runs: told, state }
}

/** What a task did on each host by itself. */
function apart(line: RunTrace['tasks'][number]): RunTrace['tasks'] {
  if (!('task' in line)) return [line]
  const { task, ends, says = {} } = line
  return Object.entries(ends).map(([host, end]) => ({
    task,
    ends: { [host]: end },
    says: { [host]: says[host] },
  }))
}

function byText(a: unknown, b: unknown): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1
}
