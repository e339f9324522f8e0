import { stripVTControlCharacters } from 'node:util'
import { DefaultRenderer, Listr, ListrLogger, ProcessOutput } from 'listr2'
import type { ListrTask } from 'listr2'
import { cutColumns } from './width.js'

/** A line of the live area with, below it, the last line of output. */
export interface AreaRow {
  readonly title: string
  readonly output?: string | undefined
  readonly done: boolean
}

/** A heading with its rows. */
export interface AreaGroup {
  readonly title: string
  /** Asked for again at every refresh; the number of rows stays. */
  readonly rows: readonly (() => AreaRow)[]
}

/** The part of the terminal below the lines that stay. */
export interface Area {
  readonly isOpen: boolean
  /** Shows the groups until the area is closed. */
  open(groups: readonly AreaGroup[]): void
  /** Removes the area and shows the cursor again; lines can be written then. */
  close(): Promise<void>
}

/** A terminal, or what stands for one in tests. */
export type Terminal = NodeJS.WriteStream

/** What a row and the wrapper of its listr task share. */
interface Handle {
  readonly row: () => AreaRow
  title: string
  output: unknown
}

const REFRESH = 100

/** An area drawn by listr2. Nothing is shown yet. */
export function createArea(terminal: Terminal, colors: boolean): Area {
  let shown: { readonly stop: () => void; readonly ended: Promise<unknown> } | undefined
  return {
    get isOpen() {
      return shown !== undefined
    },
    open(groups) {
      const handles = new Map<object, Handle & { row: () => AreaRow }>()
      let stop = (): void => undefined
      const stopped = new Promise<void>((resolve) => (stop = resolve))
      const listr = new Listr(
        groups.map((group) => groupTask(group, handles, stopped)),
        listrOptions(terminal, colors),
      )
      const timer = setInterval(() => handles.forEach(refresh), REFRESH)
      const ended = listr.run().finally(() => clearInterval(timer))
      shown = { stop, ended }
    },
    async close() {
      const closing = shown
      shown = undefined
      closing?.stop()
      await closing?.ended
    },
  }
}

/** A task of listr2 for a group, with one below it for each row; all of them last as long as the area. */
function groupTask(group: AreaGroup, handles: Map<object, Handle>, stopped: Promise<void>): ListrTask {
  return {
    title: group.title,
    task: (_, task) =>
      task.newListr(
        group.rows.map((row) => ({
          title: row().title,
          task: async (_context: unknown, own: Omit<Handle, 'row'>) => {
            const handle = Object.assign(own, { row })
            handles.set(handle, handle)
            refresh(handle)
            await stopped
          },
        })),
        { concurrent: true },
      ),
  }
}

function refresh(handle: Handle): void {
  const { title, output } = handle.row()
  if (handle.title !== title) handle.title = title
  if (output !== undefined && handle.output !== output) handle.output = output
}

function listrOptions(terminal: Terminal, colors: boolean) {
  const processOutput = new ProcessOutput(terminal, terminal, { dump: [], leaveEmptyLine: false })
  return {
    concurrent: true,
    registerSignalListeners: false,
    renderer: rendererFor(terminal, colors),
    rendererOptions: { clearOutput: true, logger: new ListrLogger({ useIcons: true, processOutput }) },
  } as const
}

/** listr2's renderer for this terminal: as wide as it is now, one line a row, and without colours where wanted. */
function rendererFor(terminal: Terminal, colors: boolean): typeof DefaultRenderer {
  return class extends DefaultRenderer {
    static override nonTTY = true
    override create(options?: Parameters<DefaultRenderer['create']>[0]): string {
      const text = super.create(options)
      return text && `\n${text}`
    }
    protected override format(message: string, icon: string, level: number): string[] {
      const sign = colors ? icon : stripVTControlCharacters(icon)
      const room = (terminal.columns || 80) - 2 * level - 3
      const [line = ''] = stripVTControlCharacters(message).split('\n')
      return line.trim() === ''
        ? []
        : [`${'  '.repeat(level)}${sign} ${cutColumns(line, Math.max(10, room))}`]
    }
  }
}
