/** Words of a line as a shell splits it: blanks separate, quotes and backslashes keep together. Nothing is expanded. */
export function splitWords(line: string): string[] {
  const words: string[] = []
  for (const [found] of line.matchAll(/(?:[^\s"'\\]|\\[^]|"(?:[^"\\]|\\[^])*"|'[^']*')+/g)) {
    words.push(found.replace(/\\([^])|"((?:[^"\\]|\\[^])*)"|'([^']*)'/g, unquote))
  }
  return words
}

/** The first word as a shell splits a line, and the rest of the line as it is written. */
export function firstWord(line: string): { readonly word: string; readonly rest: string } {
  const start = /^\s*(?:[^\s"'\\]|\\[^]|"(?:[^"\\]|\\[^])*"|'[^']*')+/.exec(line)?.[0] ?? ''
  return { word: splitWords(start)[0] ?? '', rest: line.slice(start.length).trim() }
}

function unquote(_: string, escaped?: string, double?: string, single?: string): string {
  return escaped ?? double?.replace(/\\(["\\$`])/g, '$1') ?? single ?? ''
}
