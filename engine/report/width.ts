import { stripVTControlCharacters } from 'node:util'

/** Characters that take no column: combining marks, joiners, variation selectors. */
const NARROWEST = /^[\p{Mn}\p{Me}\p{Cf}]$/u
/** Characters that take two columns: East Asian wide and full-width forms, and emoji. */
const WIDE =
  /^(?:[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6]|[\u{17000}-\u{18aff}\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation})$/u

/** Columns that a text takes on a terminal; colours take none. */
export function columnsOf(text: string): number {
  let columns = 0
  for (const character of stripVTControlCharacters(text)) columns += widthOf(character)
  return columns
}

/** The text with blanks behind it up to a number of columns. */
export function padColumns(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - columnsOf(text)))
}

/** The text, cut to a number of columns with an ellipsis. Meant for text without colours. */
export function cutColumns(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text
  let kept = ''
  let width = 1
  for (const character of text) {
    width += widthOf(character)
    if (width > columns) break
    kept += character
  }
  return `${kept}…`
}

function widthOf(character: string): number {
  if (NARROWEST.test(character)) return 0
  return WIDE.test(character) ? 2 : 1
}
