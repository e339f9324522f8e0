import type { OutputPiece } from '../connection/connection.js'

/**
 * Passes on the lines that the first section of a framed output prints, as they arrive, without the frame.
 * @param end  the mark that ends it, from 1: the first where it has no frame itself
 */
export function lineReader(
  nonce: string,
  onLine: (line: string) => void,
  end = 2,
): (piece: OutputPiece) => void {
  const rests = { stdout: '', stderr: '' }
  let marks = 0
  return ({ stream, text }) => {
    const lines = (rests[stream] + text).split('\n')
    rests[stream] = lines.pop()!
    for (const line of lines) {
      if (line.startsWith(nonce)) marks += stream === 'stdout' ? 1 : 0
      else if (marks < end && line.trim() !== '') onLine(line)
    }
  }
}
