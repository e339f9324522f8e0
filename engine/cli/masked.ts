import type { Listener, RunEvent } from '../events.js'
import type { Secrets } from '../secrets.js'

/** Tells every listener of an event after all secrets in it are masked: nothing leaves the run another way. */
export function maskedListener(secrets: Secrets, listeners: readonly Listener[]): Listener {
  return (event) => {
    const masked = maskDeep(event, secrets) as RunEvent
    for (const listen of listeners) listen(masked)
  }
}

/** Texts are masked at any depth. Outcomes are left as they are: the run masks them, when somebody looks at them. */
function maskDeep(value: unknown, secrets: Secrets): unknown {
  if (typeof value === 'string') return secrets.mask(value)
  if (Array.isArray(value)) return value.map((item) => maskDeep(item, secrets))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, item]: [string, unknown]) => [
    key,
    key === 'outcome' ? item : maskDeep(item, secrets),
  ])
  return Object.fromEntries(entries)
}
