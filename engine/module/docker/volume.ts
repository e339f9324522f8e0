import type { Key } from '../contract.js'

/** Key of a volume's state: `state` (present or absent), `driver`, `driver_options`, `labels`. */
export const volumeKey = (name: string): Key => `volume:${name}`
