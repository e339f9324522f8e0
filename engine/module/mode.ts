import { Fail } from './contract.js'

/**
 * Permission bits from what a user writes: a number (YAML's `0644` is 420), an octal text ("0644", "644"), or a
 * symbolic mode as chmod takes it ("u=rwX,g-w"), relative to the bits that are there (or would be, by the umask).
 */
export function parseMode(
  written: string | number,
  present: number,
  directory: boolean,
  umask: number,
): number {
  if (typeof written === 'number') return checked(written, written)
  const text = written.trim()
  if (/^(0o)?[0-7]{1,5}$/.test(text)) return checked(parseInt(text.replace('0o', ''), 8), written)
  return text.split(',').reduce(
    // X asks whether anybody may execute what is there, before any clause.
    (mode, clause) =>
      applyClause(mode, clause, directory || (present & 0o111) !== 0, directory, umask, written),
    present,
  )
}

function checked(mode: number, written: string | number): number {
  if (Number.isInteger(mode) && mode >= 0 && mode <= 0o7777) return mode
  throw new Fail(`mode ${written} is not a permission mode`, [], 'write it as "0644" or "u=rw,g=r,o=r"')
}

const WHO: Readonly<Record<string, number>> = { u: 0o4700, g: 0o2070, o: 0o1007 }
const BITS: Readonly<Record<string, number>> = { r: 0o444, w: 0o222, x: 0o111, s: 0o6000, t: 0o1000 }

function applyClause(
  present: number,
  clause: string,
  executable: boolean,
  directory: boolean,
  umask: number,
  written: string,
): number {
  const match = /^([ugoa]*)((?:[-+=][rwxXstugo]*)+)$/.exec(clause)
  if (!match)
    throw new Fail(`mode "${written}" is not a permission mode`, [], 'write it as "0644" or "u=rw,g=r,o=r"')
  const who = match[1] === '' ? 'ugo' : match[1]!.replace('a', 'ugo')
  const reach = [...who].reduce((mask, letter) => mask | WHO[letter]!, 0)
  // Without a "who", chmod leaves the bits of the umask alone.
  const mask = match[1] === '' ? reach & ~umask : reach
  return [...match[2]!.matchAll(/([-+=])([rwxXstugo]*)/g)].reduce((mode, [, operator, letters]) => {
    const bits = bitsOf(letters!, mode, executable) & mask
    if (operator === '+') return mode | bits
    if (operator === '-') return mode & ~bits
    // `=` on a directory keeps setuid and setgid unless they are named.
    const kept = directory && !letters!.includes('s') ? mode & 0o6000 : 0
    return (mode & ~(reach & 0o7777)) | bits | (kept & reach)
  }, present)
}

function bitsOf(letters: string, mode: number, executable: boolean): number {
  return [...letters].reduce((bits, letter) => {
    if (letter === 'X') return executable ? bits | 0o111 : bits
    if (letter === 'u') return bits | spread((mode >> 6) & 7)
    if (letter === 'g') return bits | spread((mode >> 3) & 7)
    if (letter === 'o') return bits | spread(mode & 7)
    return bits | BITS[letter]!
  }, 0)
}

/** A mode as results have it: `0644`, and with special bits `04755`. */
export function modeText<Mode>(mode: Mode): Mode | string {
  return typeof mode === 'number' ? `0${mode.toString(8).padStart(3, '0')}` : mode
}

function spread(three: number): number {
  return (three << 6) | (three << 3) | three
}
