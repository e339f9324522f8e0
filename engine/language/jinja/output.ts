import { isUnknown, Unknown } from '../../unknown.js'
import type { Item } from './item.js'
import { str } from './python/render.js'

/** What a template has written so far. One piece that only the run can tell makes the whole so. */
export class Output {
  private readonly pieces: string[] = []
  private readonly reasons = new Set<string>()

  write(item: Item): void {
    if (isUnknown(item)) this.reasons.add(item.why)
    else if (item !== null) this.pieces.push(typeof item === 'string' ? item : str(item))
  }

  result(): string | Unknown {
    return this.reasons.size ? new Unknown([...this.reasons].join('; ')) : this.pieces.join('')
  }
}
