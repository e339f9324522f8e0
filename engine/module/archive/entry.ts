/** One entry of an archive, whatever the format. */
export interface ArchiveEntry {
  /** Relative path with single slashes, none at the end; never empty, without `.` and `..`. */
  readonly name: string
  readonly type: 'file' | 'directory' | 'link'
  /** Permission bits, 0 to 0o7777. */
  readonly mode: number
  /** Where a link points to. */
  readonly target?: string
  /** Bytes of a file. */
  readonly data?: Buffer
  /** Time of its last change in seconds since 1970, where the archive tells it. */
  readonly time?: number
}

/** The archive is damaged, or has something that cannot be unpacked safely. */
export class BadArchive extends Error {}

/** The one moment of all entries of an archive that is made here, in seconds: 1980, the first that zip can say. */
export const FIXED_TIME = 315_532_800

/** The name as {@link ArchiveEntry} has it, empty for the folder itself. Throws {@link BadArchive} for one that leads outside. */
export function entryName(written: string): string {
  const parts = written.split('/').filter((part) => part !== '' && part !== '.')
  if (written.startsWith('/') || parts.includes('..') || written.includes('\0')) {
    throw new BadArchive(`the entry ${JSON.stringify(written)} leads outside of the folder`)
  }
  return parts.join('/')
}
