import { randomBytes } from 'node:crypto'
import type { Become, Connection, ConnectionSettings, Reply, RunOptions } from '../connection/connection.js'
import { SWEEP } from '../connection/upload.js'
import { fail } from '../errors.js'
import { pause } from './interrupt.js'
import { LOCK_PATH, readRefusal, REFUSED, releaseScript, takeScript } from './lock-script.js'
import type { Holder } from './lock-script.js'

/** Milliseconds between two tries to get a lock. */
const TRY_AGAIN = 500
/** Milliseconds a host has to give a lock back at the end of a run. */
const RELEASE = 3000

/** What locks depend on. */
export interface LockOptions {
  /** `user@controller`, as others read it. */
  readonly who: string
  /** Milliseconds to wait for another run. */
  readonly timeout: number
  readonly signal: AbortSignal
  /** Path of a host's lock, in place of LOCK_PATH in lock-script.ts, for tests. */
  readonly path?: ((host: string) => string) | undefined
  /** Told once when a host makes the run wait. */
  waiting(host: string, holder: Holder): void
}

/** The locks of one run. See docs/decisions/lock.md. */
export interface Locks {
  /** The connection, which takes the host's lock with its first script and gives it back when it is closed. */
  guard(connection: Connection, settings: Pick<ConnectionSettings, 'name'>): Connection
  /** A task on a host: while it goes on, the host's lock is not given up for an older run. */
  during<T>(host: string, task: () => Promise<T>): Promise<T>
}

/** One guarded connection. */
interface Guard {
  readonly host: string
  held: boolean
  /** Whose shell holds the lock. */
  become: Become | undefined
  /** Everybody whose shell was used while it was held, by name. */
  readonly users: Map<string, Become | undefined>
  /** Resolves when nobody tries to take the lock any more. */
  taking: Promise<unknown> | undefined
  /** Resolves when the script that was given last is on its way: scripts stay in the order of their calls. */
  order: Promise<void> | undefined
  release(): Promise<void>
}

/** Locks that are all free. */
export function createLocks(options: LockOptions): Locks {
  const holder: Holder = { id: randomBytes(6).toString('hex'), since: Date.now(), who: options.who }
  const guards = new Set<Guard>()
  const busy = new Map<string, number>()
  /** Hosts that this run waits for although an older run holds them: idle locks are given up meanwhile. */
  let yielding = 0
  const releaseIdle = async (host?: string): Promise<void> => {
    const idle = [...guards].filter(
      (guard) => !busy.get(guard.host) && (host === undefined || guard.host === host),
    )
    await Promise.all(idle.map((guard) => guard.release()))
  }
  const yieldWhile = async <T>(wait: () => Promise<T>): Promise<T> => {
    yielding++
    try {
      await releaseIdle()
      return await wait()
    } finally {
      yielding--
    }
  }
  return {
    guard: (connection, { name }) => guarded(connection, name, { options, holder, guards, yieldWhile }),
    during: async (host, task) => {
      busy.set(host, (busy.get(host) ?? 0) + 1)
      try {
        return await task()
      } finally {
        busy.set(host, busy.get(host)! - 1)
        if (yielding > 0) await releaseIdle(host)
      }
    },
  }
}

interface Keeper {
  readonly options: LockOptions
  readonly holder: Holder
  readonly guards: Set<Guard>
  yieldWhile<T>(wait: () => Promise<T>): Promise<T>
}

function guarded(connection: Connection, host: string, keeper: Keeper): Connection {
  const guard: Guard = {
    host,
    held: false,
    become: undefined,
    users: new Map(),
    taking: undefined,
    order: undefined,
    release: () => release(connection, guard, keeper),
  }
  keeper.guards.add(guard)
  const before =
    <Args extends unknown[], T>(call: (...args: Args) => Promise<T>) =>
    async (...args: Args): Promise<T> => {
      await ensure(connection, guard, keeper)
      return call(...args)
    }
  return {
    counts: connection.counts,
    open: () => connection.open(),
    run: (script, options) => runLocked(connection, guard, keeper, script, options ?? {}),
    upload: before((content, path, own) => connection.upload(content, path, own)),
    download: before((...args) => connection.download(...args)),
    tcp: before((address, port) => connection.tcp(address, port)),
    close: async () => {
      if (guard.held) await sweepOthers(connection, guard)
      await release(connection, guard, keeper, SWEEP)
      keeper.guards.delete(guard)
      await connection.close()
    },
  }
}

/** Runs a script under the lock. The first script takes the lock itself, so that it costs no message of its own. */
async function runLocked(
  connection: Connection,
  guard: Guard,
  keeper: Keeper,
  script: string,
  options: RunOptions,
): Promise<Reply> {
  const before = guard.order
  let pass!: () => void
  guard.order = new Promise((resolve) => (pass = resolve))
  await before
  try {
    // A reply that is shown while it comes, or inputs that a refused script would leave unread: lock first.
    if (options.onOutput || options.inputs?.length) await ensure(connection, guard, keeper, options.become)
    while (guard.taking) await guard.taking
    guard.users.set(options.become?.user ?? '', options.become)
    return await watched(guard, () => {
      const reply = guard.held
        ? connection.run(script, options)
        : take(connection, guard, keeper, script, options)
      pass()
      return reply
    })
  } finally {
    pass()
  }
}

/** Takes the lock if it is not held. */
async function ensure(connection: Connection, guard: Guard, keeper: Keeper, become?: Become): Promise<void> {
  while (guard.taking) await guard.taking
  if (!guard.held) await watched(guard, () => take(connection, guard, keeper, ':', { become }))
}

/** A connection that broke has no shells any more, so nothing is held. */
async function watched<T>(guard: Guard, call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    if (isLost(error)) guard.held = false
    throw error
  }
}

function isLost(error: unknown): boolean {
  const { problems } = error as { problems?: readonly { code: string }[] }
  return problems?.some(({ code }) => code === 'connection-lost' || code === 'unreachable') ?? false
}

async function take(
  connection: Connection,
  guard: Guard,
  keeper: Keeper,
  script: string,
  options: RunOptions,
): Promise<Reply> {
  const trying = tryUntilHeld(
    connection,
    guard,
    keeper,
    `${takeScript(keeper.holder, keeper.options.path?.(guard.host)).text}\n${script}`,
    options,
  )
  guard.taking = trying.catch(() => undefined)
  try {
    const reply = await trying
    guard.held = true
    guard.become = options.become
    return reply
  } finally {
    guard.taking = undefined
  }
}

async function tryUntilHeld(
  connection: Connection,
  guard: Guard,
  keeper: Keeper,
  script: string,
  options: RunOptions,
): Promise<Reply> {
  const reply = await connection.run(script, options)
  const first = refusal(reply)
  if (!first) return reply
  keeper.options.waiting(guard.host, first)
  const waitForIt = (): Promise<Reply> => tryAgain(connection, guard, keeper, script, options)
  // Of two runs that each hold what the other wants, the younger gives way.
  const isOlder =
    first.since < keeper.holder.since || (first.since === keeper.holder.since && first.id < keeper.holder.id)
  return isOlder ? keeper.yieldWhile(waitForIt) : waitForIt()
}

async function tryAgain(
  connection: Connection,
  guard: Guard,
  { options: { timeout, signal } }: Keeper,
  script: string,
  options: RunOptions,
): Promise<Reply> {
  const deadline = Date.now() + timeout
  for (;;) {
    await pause(Math.max(0, Math.min(TRY_AGAIN, deadline - Date.now())), signal)
    const reply = await connection.run(script, options)
    const holder = refusal(reply)
    if (!holder) return reply
    if (Date.now() >= deadline) refuse(guard.host, holder, timeout)
  }
}

function refusal({ code, stdout }: Reply): Holder | undefined {
  return code === REFUSED ? readRefusal(stdout.toString('utf8')) : undefined
}

/** Who holds a lock and since when, for people. */
export function describeHolder({ who, since }: Holder): string {
  return Number.isNaN(since) ? who : `${who} since ${new Date(since).toISOString()}`
}

function refuse(host: string, holder: Holder, timeout: number): never {
  return fail({
    code: 'locked',
    message: `another run works on this host: ${describeHolder(holder)}`,
    host,
    cure: `it was waited for ${Math.round(timeout / 1000)} s; try again when that run has ended (the lock is ${LOCK_PATH})`,
  })
}

/**
 * Removes what broken transfers, of this run or an earlier one, have left in the homes of those who worked here. The
 * home of whose shell holds the lock is left to the script that gives it back.
 */
async function sweepOthers(connection: Connection, { users, become: holder }: Guard): Promise<void> {
  const others = [...users.values()].filter((become) => become?.user !== holder?.user)
  const sweeps = others.map((become) => connection.run(SWEEP, { become, timeout: RELEASE }))
  await Promise.allSettled(sweeps)
}

/** Gives the lock back; `first` is done while it is still held. */
async function release(
  connection: Connection,
  guard: Guard,
  { holder, options }: Keeper,
  first = ':',
): Promise<void> {
  if (!guard.held) return
  guard.held = false
  try {
    await connection.run(`${first}\n${releaseScript(holder, options.path?.(guard.host)).text}`, {
      become: guard.become,
      timeout: RELEASE,
    })
  } catch {
    // The host is gone or the shell is: then nobody holds the lock any more.
  }
}
