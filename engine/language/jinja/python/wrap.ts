/** How lines are broken. */
export interface WrapOptions {
  readonly width: number
  readonly breakLong: boolean
  readonly onHyphens: boolean
}

/** Breaks one line into lines of at most `width` characters, between words, as Python's textwrap does. */
export function wrap(line: string, { width, breakLong, onHyphens }: WrapOptions): string[] {
  const pattern = onHyphens ? /\s+|[^\s-]*[^\s\d-][\w]*-(?=\p{L})|[^\s]+?-(?=\p{L})|\S+/gu : /\s+|\S+/g
  const chunks = line.match(pattern) ?? []
  const lines: string[] = []
  let current = ''
  const finish = () => {
    const text = current.trimEnd()
    if (text) lines.push(text)
    current = ''
  }
  const queue = [...chunks]
  while (queue.length) {
    const chunk = queue.shift()!
    if (current === '' && chunk.trim() === '' && lines.length) continue
    if (current.length + chunk.length <= width) {
      current += chunk
      continue
    }
    if (breakLong && chunk.trim() !== '' && chunk.length > width) {
      const room = Math.max(1, width - current.length)
      current += chunk.slice(0, room)
      queue.unshift(chunk.slice(room))
    } else if (current === '') {
      current = chunk
    } else queue.unshift(chunk)
    finish()
  }
  finish()
  return lines
}
