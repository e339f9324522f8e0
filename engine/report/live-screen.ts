import { createArea } from './live-area.js'
import type { AreaGroup, Terminal } from './live-area.js'

/** Milliseconds that a task runs before its hosts are shown: shorter ones would only flicker. */
const PATIENCE = 150
/** Writes lines above the live area, one thing after the other. */
export interface Screen {
  print(text: string): void
  /** The running hosts are others than before. */
  refresh(): void
  settled(): Promise<void>
}

/** A screen whose live area has what `groups` gives; it is asked again whenever the area is drawn anew. */
export function createScreen(terminal: Terminal, colors: boolean, groups: () => AreaGroup[]): Screen {
  const area = createArea(terminal, colors)
  let lines: string[] = []
  let work = Promise.resolve()
  let timer: NodeJS.Timeout | undefined
  const open = (): void => {
    const shown = groups()
    if (shown.length && !area.isOpen) area.open(shown)
  }
  const redraw = async (): Promise<void> => {
    clearTimeout(timer)
    await area.close()
    const text = lines
    lines = []
    if (text.length) terminal.write(`${text.join('\n')}\n`)
    if (groups().length) timer = setTimeout(() => (work = work.then(open)), PATIENCE)
  }
  const refresh = (): void => void (work = work.then(redraw))
  return {
    print(text) {
      if (lines.push(text) === 1) refresh()
    },
    refresh,
    settled: async () => {
      refresh()
      await work
    },
  }
}
