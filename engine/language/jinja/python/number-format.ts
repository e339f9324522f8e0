import { EvalError } from '../item.js'

/** A float as `%e`, `%f`, `%g` (and capitals) write it. */
export function formatFloat(n: number, kind: string, digits = 6): string {
  if (digits > 100) throw new EvalError('the precision of a format is too large')
  const text = notFinite(n) ?? written(n, kind.toLowerCase(), digits)
  return kind === kind.toUpperCase() ? text.toUpperCase() : text
}

function notFinite(n: number): string | undefined {
  if (Number.isNaN(n)) return 'nan'
  return Number.isFinite(n) ? undefined : n > 0 ? 'inf' : '-inf'
}

function written(n: number, kind: string, digits: number): string {
  if (kind === 'f') return fixed(n, digits)
  if (kind === 'e') return exponential(n, digits)
  const precision = digits === 0 ? 1 : digits
  const exponent = n === 0 ? 0 : Number(n.toExponential(precision - 1).split('e')[1])
  const text =
    exponent < -4 || exponent >= precision
      ? exponential(n, precision - 1)
      : fixed(n, precision - 1 - exponent)
  return text.replace(/(\.\d*?)0+(?=e|$)/, '$1').replace(/\.(?=e|$)/, '')
}

/**
 * toFixed, but exact: JavaScript rounds the exact value half up and gives up at 1e21; Python rounds the exact
 * value half to even. A double is a whole number of 2^-1074, so integers can do it.
 */
export function fixed(n: number, digits: number): string {
  const special = notFinite(n)
  if (special !== undefined) return special
  const negative = n < 0 || Object.is(n, -0)
  let scale = 0n
  let mantissa = Math.abs(n)
  while (!Number.isInteger(mantissa)) {
    mantissa *= 2
    scale++
  }
  const denominator = 1n << scale
  const numerator = BigInt(mantissa) * 10n ** BigInt(digits)
  let quotient = numerator / denominator
  const rest = (numerator % denominator) * 2n
  if (rest > denominator || (rest === denominator && quotient % 2n === 1n)) quotient++
  const text = quotient.toString().padStart(digits + 1, '0')
  const body = digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`
  return negative ? `-${body}` : body
}

function exponential(n: number, digits: number): string {
  const [mantissa, exponent] = n.toExponential(digits).split('e') as [string, string]
  const sign = exponent.startsWith('-') ? '-' : '+'
  return `${mantissa}e${sign}${exponent.replace(/^[-+]/, '').padStart(2, '0')}`
}

/** Puts `separator` between groups of three digits of the whole part. */
export function groupDigits(text: string, separator: string): string {
  if (!separator) return text
  const [, sign, whole, rest] = /^(-?)(\d+)(.*)$/s.exec(text) ?? []
  if (whole === undefined) return text
  return `${sign}${whole.replace(/\B(?=(\d{3})+$)/g, separator)}${rest}`
}
