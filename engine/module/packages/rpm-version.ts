/**
 * Which of two versions of rpm (`1:2.0-1.el9`) is the newer one: negative when `a` is older, 0 when they are equal. As rpm
 * compares: numbers and words take turns, a number is newer than a word, `~` comes before everything and `^` after the end.
 */
export function compareRpmVersions(a: string, b: string): number {
  const [first, second] = [parts(a), parts(b)]
  return first.reduce((result, part, i) => result || compareParts(part, second[i]!), 0)
}

/** Epoch, version and release. */
function parts(version: string): readonly [string, string, string] {
  const [, epoch = '0', upstream = '', release = ''] = /^(?:(\d+):)?(.*?)(?:-([^-]*))?$/s.exec(version)!
  return [epoch, upstream, release]
}

function compareParts(a: string, b: string): number {
  const [left, right] = [segments(a), segments(b)]
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const result = rank(left[i]) - rank(right[i]) || compareSegments(left[i]!, right[i]!)
    if (result !== 0) return result
  }
  return 0
}

function segments(text: string): readonly string[] {
  return text.match(/~|\^|\d+|[A-Za-z]+/g) ?? []
}

/** `~`, the end, `^`, a word, a number. */
function rank(segment: string | undefined): number {
  if (segment === undefined) return 1
  if (segment === '~') return 0
  if (segment === '^') return 2
  return /\d/.test(segment) ? 4 : 3
}

function compareSegments(a: string, b: string): number {
  if (a === b) return 0
  if (!/\d/.test(a)) return a < b ? -1 : 1
  const difference = BigInt(a) - BigInt(b)
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}
