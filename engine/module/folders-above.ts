/** The folders above an absolute path, outermost first. */
export function foldersAbove(path: string): readonly string[] {
  const parts = path.split('/').filter(Boolean).slice(0, -1)
  return parts.map((_, i) => `/${parts.slice(0, i + 1).join('/')}`)
}
