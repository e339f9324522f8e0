import { isUnknown, Unknown } from '../../unknown.js'
import type { Item } from './item.js'
import { str } from './python/render.js'

/** What a template has written so far. One piece that only the run can tell makes the whole so. */
export class Output {
  private readonly pieces: string[] = []
  private readonly reasons = new Set<string>()
  private begun: 'authored' | 'said' | undefined

  /** What the template itself says. */
  say(text: string): void {
    this.add(text, 'authored')
  }

  /** What an expression gives. */
  write(item: Item): void {
    if (isUnknown(item)) this.reasons.add(item.why)
    else if (typeof item === 'string') this.add(item, 'said')
    else if (item !== null) this.add(str(item), 'authored')
  }

  /** Whether it begins with the template's own words or with a list, a dictionary or the like, not with a text that a value holds. */
  get isAuthored(): boolean {
    return this.begun === 'authored'
  }

  private add(text: string, by: 'authored' | 'said'): void {
    if (text !== '') this.begun ??= by
    this.pieces.push(text)
  }

  result(): string | Unknown {
    return this.reasons.size ? new Unknown([...this.reasons].join('; ')) : this.pieces.join('')
  }
}
