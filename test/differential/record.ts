/**
 * Records what ansible-playbook does with the cases named (`area/name`, `area`), or with all:
 *
 *     npx tsx test/differential/record.ts language/blocks
 *
 * Needs ansible-core on this machine, and root for the lab. Prints what is new against the recording there was.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createPatch } from 'diff'
import { format, resolveConfig } from 'prettier'
import { PYTHON_HOSTS, recordCase } from '../support/differential/ansible-course.js'
import { allCases, recordingFile } from '../support/differential/case.js'
import type { Recording } from '../support/differential/case.js'
import { createStage } from '../support/differential/stage.js'
import { bringUpSomewhere } from '../support/free-lab.js'

async function record(names: readonly string[]): Promise<void> {
  const isNamed = (name: string): boolean => names.some((one) => name === one || name.startsWith(`${one}/`))
  const cases = allCases().filter(({ name }) => !names.length || isNamed(name))
  if (!cases.length) throw new Error(`no case is called ${names.join(' or ')}`)
  const folder = mkdtempSync(join(tmpdir(), 'fplay-record-'))
  const lab = await bringUpSomewhere(PYTHON_HOSTS)
  try {
    const stage = await createStage(lab, folder)
    for (const one of cases) {
      try {
        await write(recordingFile(one), await recordCase(one, stage, folder))
      } catch (error) {
        process.stderr.write(`${String(error)}\n`)
        process.exitCode = 1
      }
    }
  } finally {
    await lab.down()
    rmSync(folder, { recursive: true })
  }
}

async function write(file: string, recording: Recording): Promise<void> {
  const old = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const options = await resolveConfig(file)
  const text = await format(JSON.stringify(recording), { ...options, filepath: file })
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  process.stdout.write(old === text ? `${file}: the same\n` : createPatch(file, old, text))
}

await record(process.argv.slice(2))
