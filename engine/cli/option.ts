import type { SettingName } from './setting-table.js'

/** One option of a command. */
export interface OptionSpec {
  /** `flag` is given or not; `count` may be repeated; `list` collects; `commas` collects and splits at commas. */
  readonly kind: 'flag' | 'count' | 'text' | 'number' | 'list' | 'commas'
  /** As typed; a short one first. */
  readonly flags: readonly string[]
  /** What stands for the value in the help; absent for `flag` and `count`. */
  readonly value?: string
  readonly about: string
  /** What stands in when the option is not given: the environment or a settings file. */
  readonly setting?: SettingName
  /** The setting's values are used too when the option is given: before or after its own. */
  readonly joins?: 'before' | 'after'
  readonly section: Section
  /** Smallest value of a `number`. */
  readonly least?: number
}

/** Headings of the help, in order. */
export const SECTIONS = [
  'What to run',
  'How to run',
  'Connection',
  'Privileges',
  'Secrets',
  'Output',
  'Only look',
] as const
export type Section = (typeof SECTIONS)[number]

/** The options of a command, by the name under which their values are found. */
export type OptionTable = Readonly<Record<string, OptionSpec>>

/** What parsing gives for a table of options. */
export type Options<T extends OptionTable> = {
  readonly [Name in keyof T]: T[Name]['kind'] extends 'flag'
    ? boolean
    : T[Name]['kind'] extends 'count'
      ? number
      : T[Name]['kind'] extends 'number'
        ? number | undefined
        : T[Name]['kind'] extends 'text'
          ? string | undefined
          : readonly string[]
}
