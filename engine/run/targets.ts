import PQueue from 'p-queue'
import { unlessAborted } from '../connection/abort.js'
import type { Connection, ConnectionSettings } from '../connection/connection.js'
import { emptyForecast } from './forecast.js'
import type { Forecast } from './forecast.js'
import { interruption } from './interrupt.js'
import type { Target } from './target.js'

/** Hosts as the run works on them: each is connected to when its first script runs, once, and closed at the end. */
export interface Targets {
  /** What a dry run foresees of the controller, be it as a host or as where files are kept. */
  readonly controller: Forecast
  /**
   * The target for these settings; equal settings share one connection. On the controller each host of the play has one
   * of its own (`lane`): tasks that are delegated to it do not wait for each other.
   */
  get(settings: ConnectionSettings, lane: string): Target
  /** Closes the connections to a host, so that the next script logs in again (`meta: reset_connection`). */
  reset(host: string): Promise<void>
  /** Ends what still runs and closes all connections. Never rejects. */
  close(): Promise<void>
}

/** Makes the connection of a host; nothing is opened by it. */
export type Connect = (settings: ConnectionSettings) => Connection

/** Logins at once: more make sshd refuse (`MaxStartups`) and gain nothing. */
const HANDSHAKES = 20

/** Targets without any connection yet. */
export function createTargets(connect: Connect): Targets {
  const targets = new Map<string, Target>()
  const forecasts = new Map<string, Forecast>()
  const queue = new PQueue({ concurrency: HANDSHAKES })
  const controller = emptyForecast()
  const forecastOf = ({ name: host, kind }: ConnectionSettings): Forecast => {
    if (kind === 'local') return controller
    let forecast = forecasts.get(host)
    if (!forecast) forecasts.set(host, (forecast = emptyForecast(controller)))
    return forecast
  }
  const close = async (which: (target: Target) => boolean): Promise<void> => {
    const ending = [...targets].filter(([, target]) => which(target))
    for (const [key] of ending) targets.delete(key)
    await Promise.all(ending.map(([, target]) => target.connection.close()))
  }
  return {
    controller,
    get(settings, lane) {
      const key = JSON.stringify([settings, settings.kind === 'local' ? lane : undefined])
      const known = targets.get(key)
      if (known) return known
      const { name } = settings
      const connection = queued(connect(settings), queue)
      const target = {
        name,
        connection,
        sessions: new Map(),
        accounts: new Set<string>(),
        forecast: forecastOf(settings),
      }
      targets.set(key, target)
      return target
    },
    reset: (host) => close((target) => target.name === host),
    close: () => close(() => true),
  }
}

/** A connection that waits for its turn before it logs in. */
function queued(connection: Connection, queue: PQueue): Connection {
  let opening: Promise<void> | undefined
  const open = (): Promise<void> => {
    opening ??= queue
      .add(() => connection.open())
      .catch((error: unknown) => {
        opening = undefined
        throw error
      })
    return opening
  }
  const after =
    <Args extends unknown[], T>(call: (...args: Args) => Promise<T>) =>
    async (...args: Args): Promise<T> => {
      await open()
      return call(...args)
    }
  return {
    counts: connection.counts,
    open,
    run: async (script, options) => {
      await unlessAborted(open(), options?.signal, interruption)
      return connection.run(script, options)
    },
    upload: after((content, path, options) => connection.upload(content, path, options)),
    download: after((...args) => connection.download(...args)),
    tcp: after((address, port) => connection.tcp(address, port)),
    close: () => connection.close(),
  }
}
