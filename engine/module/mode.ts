import { Fail, type Maybe } from './contract.js'

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
  // As Ansible has it: X, u, g and o ask for what is there before any clause.
  const ground = { present, directory, umask, written }
  return text.split(',').reduce((mode, clause) => applyClause(mode, clause, ground), present)
}

/** A umask as a user writes it: a number (YAML's `0022` is 18) or an octal text. */
export function parseUmask(written: string | number): number {
  const text = typeof written === 'number' ? written.toString(8) : written.trim()
  if (/^[0-7]{1,4}$/.test(text) && parseInt(text, 8) <= 0o777) return parseInt(text, 8)
  throw new Fail(`umask ${written} is no octal mask`, [], 'write it as "0022"')
}

function checked(mode: number, written: string | number): number {
  if (Number.isInteger(mode) && mode >= 0 && mode <= 0o7777) return mode
  throw new Fail(`mode ${written} is not a permission mode`, [], 'write it as "0644" or "u=rw,g=r,o=r"')
}

const WHO: Readonly<Record<string, number>> = { u: 0o4700, g: 0o2070, o: 0o1007 }
const BITS: Readonly<Record<string, number>> = { r: 0o444, w: 0o222, x: 0o111, s: 0o6000, t: 0o1000 }

interface Ground {
  readonly present: number
  readonly directory: boolean
  readonly umask: number
  readonly written: string
}

function applyClause(before: number, clause: string, { present, directory, umask, written }: Ground): number {
  const match = /^([ugoa]*)((?:[-+=][rwxXstugo]*)+)$/.exec(clause)
  if (!match)
    throw new Fail(`mode "${written}" is not a permission mode`, [], 'write it as "0644" or "u=rw,g=r,o=r"')
  const who = match[1] === '' ? 'ugo' : match[1]!.replace('a', 'ugo')
  const reach = [...who].reduce((mask, letter) => mask | WHO[letter]!, 0)
  // Without a "who", the bits of the umask are left alone by r, w and x.
  const mask = match[1] === '' ? ~umask : ~0
  return [...match[2]!.matchAll(/([-+=])([rwxXstugo]*)/g)].reduce((mode, [, operator, letters]) => {
    const plain = bitsOf(letters!.replace(/[^rwx]/g, ''), present, directory) & mask
    const bits = (plain | bitsOf(letters!.replace(/[rwx]/g, ''), present, directory)) & reach
    if (operator === '+') return mode | bits
    return operator === '-' ? mode & ~bits : (mode & ~(reach & 0o7777)) | bits
  }, before)
}

function bitsOf(letters: string, mode: number, directory: boolean): number {
  return [...letters].reduce((bits, letter) => {
    if (letter === 'X') return directory || (mode & 0o111) !== 0 ? bits | 0o111 : bits
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

/** A mode as `stat` and `find` write it: four octal digits. */
export function modeDigits<Mode>(mode: Mode): Mode | string {
  return typeof mode === 'number' ? mode.toString(8).padStart(4, '0') : mode
}

/** What may be done with an entry, as `stat` and `find` tell it; a mode that is not known stands for each. */
export function permissionFlags(mode: Maybe<number> | undefined): Readonly<Record<string, unknown>> {
  const bit = (mask: number): unknown => (typeof mode === 'number' ? (mode & mask) !== 0 : mode)
  const who = { usr: 6, grp: 3, oth: 0 }
  const bits = Object.entries(who).flatMap(([name, shift]) => [
    [`r${name}`, bit(4 << shift)],
    [`w${name}`, bit(2 << shift)],
    [`x${name}`, bit(1 << shift)],
  ])
  return { ...Object.fromEntries(bits), isuid: bit(0o4000), isgid: bit(0o2000) }
}
