import type { Content } from './content.js'
import { Unknown, type Maybe } from './unknown.js'

/** The SHA-1 of a file that is not hashed yet: known when somebody needs it, or when the file has been sent. */
export class Unhashed extends Unknown {
  constructor(
    readonly content: Content,
    not: readonly unknown[] = [],
  ) {
    super('checksum of a file that is not read yet', not)
  }
}

/** The SHA-1 of a content, or what it stands for as long as it is not hashed. */
export function sha1Of(content: Content): Maybe<string> {
  return content.hash ? new Unhashed(content) : content.sha1
}
