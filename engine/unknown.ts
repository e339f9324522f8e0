/**
 * A value that only the real run can tell, in a dry run: the uid a user will get, what a command
 * would print. It carries why it is not known and what it surely is not; whoever needs it becomes
 * undecided instead of guessing.
 */
export class Unknown {
  /**
   * @param why  what will make it known, as a phrase: "id of user deploy"
   * @param not  values it surely is not (a file a command will make is not "absent")
   */
  constructor(
    readonly why: string,
    readonly not: readonly unknown[] = [],
  ) {}

  toString(): string {
    return `known after the run: ${this.why}`
  }
}

/** A value, or the admission that only the real run can tell. */
export type Maybe<T> = T | Unknown

/** True when `value` is only known after the real run. */
export function isUnknown(value: unknown): value is Unknown {
  return value instanceof Unknown
}
