/** Who called fplay: the environment and the streams of the process. Only main.ts has the real ones. */
export interface Caller {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean }
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number }
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean }
  /** Who is to tell of an error that nobody caught, from now on; the process ends afterwards. */
  readonly onDefect: (tell: (error: unknown) => void) => void
  /** Ends the process at once. */
  readonly exit: (code: number) => never
}

/** Whether colours are wanted: at a terminal, where they are forced, and never with NO_COLOR. */
export function wantsColors({ env, stdout }: Caller, noColor: boolean, forced: boolean): boolean {
  if (noColor || env['NO_COLOR'] || env['TERM'] === 'dumb') return false
  return Boolean(stdout.isTTY) || forced
}
