/** Rows of a text as Python's `csv` reads them: fields in double quotes may hold the delimiter, line ends, and `""` for a quote. */
export function readCsv(text: string, delimiter: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  let at = 0
  while (at < text.length) {
    const field = readField(text, at, delimiter)
    row.push(field.value)
    at = field.end
    if (text[at] === delimiter) {
      at++
      if (at < text.length && !/[\r\n]/.test(text[at]!)) continue
      row.push('')
    }
    at += text.startsWith('\r\n', at) ? 2 : 1
    rows.push(row)
    row = []
  }
  return rows
}

/** A field and where it ends: at the delimiter, at the end of the line or of the text. */
function readField(text: string, start: number, delimiter: string): { value: string; end: number } {
  let value = ''
  let at = start
  if (text[at] === '"') {
    for (at++; at < text.length; at++) {
      if (text[at] !== '"') value += text[at]
      else if (text[at + 1] === '"') value += text[at++]
      else break
    }
    at++
  }
  for (; at < text.length && text[at] !== delimiter && !/[\r\n]/.test(text[at]!); at++) value += text[at]
  return { value, end: at }
}
