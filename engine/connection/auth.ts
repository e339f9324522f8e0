import { readFileSync } from 'node:fs'
import type ssh2 from 'ssh2'
import type { AnyAuthMethod, AuthenticationType, ParsedKey } from 'ssh2'
import type { Login, Method } from './login.js'

type Ssh2 = typeof ssh2

/** The ways to log in, one after the other, and what was tried. */
export interface Authenticator {
  /** The next way among those the host still offers (undefined: not known yet), or false. */
  next(offered: readonly AuthenticationType[] | null): AnyAuthMethod | false
  /** What was tried and what could not be, for the message; no secrets. */
  readonly tried: readonly string[]
  readonly notes: readonly string[]
}

interface Attempt {
  readonly method: Method
  readonly label: string
  readonly auth: AnyAuthMethod
}

/** Plans a login: keys the user named, the agent, default keys, then the password. */
export function authenticator(login: Login, ssh2: Ssh2): Authenticator {
  const notes: string[] = []
  const tried: string[] = []
  const attempts = login.methods.flatMap((method) => attemptsOf(method, login, ssh2, notes))
  return {
    tried,
    notes,
    next(offered) {
      for (let attempt = attempts.shift(); attempt; attempt = attempts.shift()) {
        const { method, label, auth } = attempt
        if (offered && !offered.includes(method)) continue
        tried.push(label)
        return auth
      }
      return false
    },
  }
}

function attemptsOf(method: Method, login: Login, ssh2: Ssh2, notes: string[]): Attempt[] {
  if (method === 'publickey') return keyAttempts(login, ssh2, notes)
  const { user: username, password } = login
  if (password === undefined) return []
  if (method === 'password')
    return [{ method, label: 'password', auth: { type: 'password', username, password } }]
  const prompt = answerOnce(password)
  return [{ method, label: method, auth: { type: 'keyboard-interactive', username, prompt } }]
}

/** Answers hidden prompts with the password, once: a second question means that it was wrong. */
function answerOnce(password: string) {
  let asked = false
  return (
    _name: string,
    _instructions: string,
    _language: string,
    prompts: { echo?: boolean }[],
    finish: (answers: string[]) => void,
  ): void => {
    const again = asked
    asked ||= prompts.length > 0
    finish(prompts.map((prompt) => (again || prompt.echo ? '' : password)))
  }
}

function keyAttempts(login: Login, ssh2: Ssh2, notes: string[]): Attempt[] {
  const { user: username } = login
  const files = login.keyFiles.flatMap((file) => {
    const key = readKey(file, login.passphrase, ssh2, notes)
    const label = `key ${file.path}`
    return key
      ? [
          {
            named: file.named,
            attempt: { method: 'publickey', label, auth: { type: 'publickey', username, key } } as const,
          },
        ]
      : []
  })
  const named = files.filter((file) => file.named).map((file) => file.attempt)
  const others = files.filter((file) => !file.named).map((file) => file.attempt)
  if (login.agent === undefined) return [...named, ...others]
  const agent = agentFor(login, login.agent, ssh2, notes)
  return [
    ...named,
    { method: 'publickey', label: 'agent', auth: { type: 'agent', username, agent } },
    ...others,
  ]
}

function readKey(
  file: { readonly path: string; readonly named: boolean },
  passphrase: string | undefined,
  ssh2: Ssh2,
  notes: string[],
): ParsedKey | undefined {
  let text: Buffer
  try {
    text = readFileSync(file.path)
  } catch (error) {
    if (file.named) notes.push(`${file.path} cannot be read (${(error as NodeJS.ErrnoException).code})`)
    return undefined
  }
  const parsed = ssh2.utils.parseKey(text, passphrase)
  if (!(parsed instanceof Error)) return Array.isArray(parsed) ? parsed[0] : parsed
  const encrypted = /encrypted/i.test(parsed.message) && passphrase === undefined
  notes.push(
    encrypted
      ? `${file.path} is encrypted and no passphrase was given (put it into the agent with ssh-add)`
      : passphrase !== undefined && /pass|integrity|decrypt|bad/i.test(parsed.message)
        ? `${file.path} cannot be decrypted with the passphrase given`
        : `${file.path} is no private key that fplay can read (${parsed.message})`,
  )
  return undefined
}

/**
 * The agent, with IdentitiesOnly only its keys that the named files are the public halves of. An agent that does not
 * answer has no keys: it must not end the login.
 */
function agentFor(login: Login, path: string, ssh2: Ssh2, notes: string[]) {
  const agent = new ssh2.OpenSSHAgent(path)
  const wanted = login.identitiesOnly
    ? login.keyFiles.flatMap(({ path: file }) => publicKey(file, ssh2))
    : undefined
  const all = agent.getIdentities.bind(agent)
  agent.getIdentities = (done) =>
    all((error, keys) => {
      if (error) notes.push(`the agent at ${path} does not answer`)
      const parsed = (keys ?? []) as ParsedKey[] // of this agent they all are
      done(
        null,
        wanted ? parsed.filter((key) => wanted.some((each) => each.equals(key.getPublicSSH()))) : parsed,
      )
    })
  return agent
}

function publicKey(file: string, ssh2: Ssh2): Buffer[] {
  try {
    const parsed = ssh2.utils.parseKey(readFileSync(`${file}.pub`))
    return parsed instanceof Error ? [] : [parsed].flat().map((key) => key.getPublicSSH())
  } catch {
    return []
  }
}
