/** Which of two Debian versions is the newer one: negative when `a` is older, 0 when they are equal. */
export function compareVersions(a: string, b: string): number {
  const [first, second] = [parts(a), parts(b)]
  return (
    first.epoch - second.epoch ||
    compareTexts(first.upstream, second.upstream) ||
    compareTexts(first.revision, second.revision)
  )
}

function parts(version: string): { epoch: number; upstream: string; revision: string } {
  const [, epoch, rest = ''] = /^(?:(\d+):)?(.*)$/s.exec(version)!
  const dash = rest.lastIndexOf('-')
  return {
    epoch: Number(epoch ?? 0),
    upstream: dash < 0 ? rest : rest.slice(0, dash),
    revision: dash < 0 ? '' : rest.slice(dash + 1),
  }
}

/** Texts without digits and numbers take turns. */
function compareTexts(a: string, b: string): number {
  let [left, right] = [a, b]
  while (left !== '' || right !== '') {
    const [wordA, wordB] = [/^\D*/.exec(left)![0], /^\D*/.exec(right)![0]]
    const words = compareWords(wordA, wordB)
    if (words !== 0) return words
    ;[left, right] = [left.slice(wordA.length), right.slice(wordB.length)]
    const [numberA, numberB] = [/^\d*/.exec(left)![0], /^\d*/.exec(right)![0]]
    const numbers = BigInt(numberA || 0) - BigInt(numberB || 0)
    if (numbers !== 0n) return numbers < 0n ? -1 : 1
    ;[left, right] = [left.slice(numberA.length), right.slice(numberB.length)]
  }
  return 0
}

/** A tilde comes before everything, even the end; letters come before other characters. */
function compareWords(a: string, b: string): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = rank(a[i]) - rank(b[i])
    if (difference !== 0) return difference
  }
  return 0
}

function rank(char: string | undefined): number {
  if (char === '~') return -1
  if (char === undefined) return 0
  return /[A-Za-z]/.test(char) ? char.charCodeAt(0) : char.charCodeAt(0) + 256
}
