/** One setting: where it is read from and what it may be. Names are those of `ansible-config`. */
export interface SettingSpec {
  /**
   * `list` is split at commas; `path`, `paths` (split at colons) and `sources` (split at commas) are made absolute:
   * those of a file start at its folder.
   */
  readonly kind: 'boolean' | 'integer' | 'text' | 'list' | 'path' | 'paths' | 'sources'
  /** Environment variables; the last that is set wins. */
  readonly env?: readonly string[]
  /** `section.key` of fplay.cfg or ansible.cfg; the last that is set wins. */
  readonly keys: readonly string[]
  /** Absent where there is none, or where it is said elsewhere. */
  readonly default?: boolean | number | string | readonly string[]
  readonly choices?: readonly string[]
  /** Smallest integer. */
  readonly least?: number
  /** True: never shown. */
  readonly secret?: boolean
}
