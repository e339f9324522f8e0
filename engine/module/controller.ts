import type { Content } from '../content.js'
import type { LargeFile } from '../large-file.js'
import type { Value } from '../language/value.js'
import type { Maybe } from '../unknown.js'

/** What `prepare` may use: the controller's side of a task on one host. */
export interface Controller {
  /** Path of a file as Ansible searches it: the role's folder, then the playbook's; fails with `file-not-found`. */
  find(path: string, folder: 'files' | 'templates' | 'vars'): string
  /** Whether a path that was found is a folder, and its permission bits. */
  entry(path: string): Promise<{ readonly folder: boolean; readonly mode: number }>
  /** Absolute path of a file to write: `~` is the home, a relative path starts at the playbook. */
  resolve(path: string): string
  /** A file of the controller, found like `find`; vault-encrypted files are decrypted unless `decrypt` is false. */
  content(path: string, folder: 'files' | 'templates' | 'vars', decrypt?: boolean): Promise<Content>
  /** Like `content`, for files to be sent: a large one may be hashed only then (see `Content.hash`). */
  unhashed(path: string, folder: 'files' | 'templates' | 'vars', decrypt?: boolean): Promise<Content>
  /** A file of the controller, found like `find` in `files`, of which only what is asked for is read. */
  large(path: string): LargeFile
  /**
   * Renders a template found in `templates/`: Handlebars when named `.hbs`, otherwise Jinja with these options. `dest` is
   * what the template may say of where it goes.
   */
  render(path: string, options?: Readonly<Record<string, unknown>>, dest?: string): Promise<Maybe<string>>
  /** Value of an expression without braces. */
  evaluate(expression: string): Value
  /** Value of an expression for people to look at: a name that is not defined is a text that says so. */
  display(expression: string): Value
  /** Value of a variable, undefined when there is none. */
  variable(name: string): Value | undefined
  /** Asks whoever started the run; a hidden answer is a secret from then on. Undefined where nobody can be asked. */
  ask(question: string, hidden: boolean): Promise<string | undefined>
  /** Says something to whoever watches the run. */
  say(text: string, level: 'info' | 'warning'): void
  /** Name of the task. */
  readonly task: string
  /** Whether the host of the task is the controller itself (`connection: local`). */
  isLocal(): boolean
  /** A value as text, as `{{ }}` writes it. */
  text(value: Value): string
  /** JSON text as Ansible writes it (`{"a": 1}`, with blanks). */
  json(value: Value): string
  /** Name of the host the task is for. */
  readonly host: string
}
