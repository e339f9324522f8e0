/** What the script printed, by part. */
export type Parts = ReadonlyMap<string, readonly string[]>

/** Facts by name, without the prefix `ansible_`. */
export type Facts = Readonly<Record<string, unknown>>

/** Lines of a part that say something. */
export function linesOf(parts: Parts, name: string): readonly string[] {
  return (parts.get(name) ?? []).filter((line) => line.trim() !== '')
}

/** `KEY=value` lines, quotes removed. */
export function assignments(lines: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    lines.flatMap((line) => {
      const at = line.indexOf('=')
      return at < 1 ? [] : [[line.slice(0, at), line.slice(at + 1).replace(/^(["'])(.*)\1$/, '$2')]]
    }),
  )
}
