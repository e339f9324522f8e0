#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8'
import type { Caller } from './caller.js'
import { runCommand } from './command.js'
import { DEFECT } from './exit-code.js'

// A short run is over before optimizing its code has paid off, which took a seventh of its CPU. What follows Node.js 20 waits longer by itself.
if (process.versions.node.startsWith('20.')) setFlagsFromString('--interrupt-budget=400000')

let tellDefect: ((error: unknown) => void) | undefined
const caller: Caller = {
  env: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  onDefect: (tell) => (tellDefect = tell),
  exit: (code) => process.exit(code),
}

// A reader that goes away (`fplay … | head`) does not stop what is being done to the hosts.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
}

const end = async (error: unknown): Promise<void> => {
  const { reportDefect } = await import('./defect.js')
  if (tellDefect) tellDefect(error)
  else reportDefect(error, caller)
  process.exit(DEFECT)
}
process.on('uncaughtException', (error) => void end(error))
process.on('unhandledRejection', (error) => void end(error))

const code = await runCommand(process.argv.slice(2), caller)
// What is written to a pipe may still be on its way.
await Promise.all(
  [process.stdout, process.stderr].map((stream) => new Promise((done) => stream.write('', done))),
)
process.exit(code)
