import { createPlainReport } from './plain.js'
import type { Report, Sink } from './report.js'

/** Everything that is told of a run, each line with the time before it. */
export function createFullLog(out: Sink, now: () => Date = () => new Date()): Report {
  const stamped: Sink = {
    write(text) {
      const time = now().toISOString()
      const lines = text.replace(/^\n/, '').replace(/\n$/, '').split('\n')
      out.write(lines.map((line) => `${time} ${line}`.trimEnd() + '\n').join(''))
    },
  }
  return createPlainReport({ out: stamped, err: stamped }, { colors: false, verbosity: 2 })
}
