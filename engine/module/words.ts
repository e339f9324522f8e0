/** Words of a line as a shell splits it: blanks separate, quotes and backslashes keep together. Nothing is expanded. */
export function splitWords(line: string): string[] {
  const words: string[] = []
  for (const [found] of line.matchAll(/(?:[^\s"'\\]|\\[^]|"(?:[^"\\]|\\[^])*"|'[^']*')+/g)) {
    words.push(found.replace(/\\([^])|"((?:[^"\\]|\\[^])*)"|'([^']*)'/g, unquote))
  }
  return words
}

function unquote(_: string, escaped?: string, double?: string, single?: string): string {
  return escaped ?? double?.replace(/\\(["\\$`])/g, '$1') ?? single ?? ''
}
