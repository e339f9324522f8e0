/** Seconds since a moment of this process that stays the same. Node.js loads much more to give `performance`. */
export function clock(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds + nanoseconds / 1e9
}
