import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { userInfo } from 'node:os'
import { fail } from '../errors.js'
import type { Channel, ChannelEnd, Transport } from './channel.js'
import { tcpFailed } from './tcp.js'

/** Milliseconds a shell has to end when the connection is closed. */
const PATIENCE = 1000

/** The controller itself as a host: programs are its children. */
export function localTransport(): Transport {
  const running = new Set<Channel>()
  return {
    user: userInfo().username,
    broken: () => undefined,
    spawn: async (command, options = {}) => {
      if (options.pty) {
        fail({
          code: 'become-failed',
          message:
            'the program to become another user wants a terminal, which connection local does not have',
          cure: 'use another become_method, or ssh to this machine',
        })
      }
      const channel = await start(command)
      running.add(channel)
      void channel.closed.then(() => running.delete(channel))
      return channel
    },
    tcp: async (address, port) => {
      const socket = connect({ host: address, port, noDelay: true })
      try {
        await once(socket, 'connect')
      } catch (error) {
        tcpFailed(address, port, (error as Error).message)
      }
      return socket
    },
    close: async () => {
      const channels = [...running]
      for (const channel of channels) channel.stdin.end()
      const late = setTimeout(() => channels.forEach((channel) => channel.destroy()), PATIENCE)
      await Promise.all(channels.map((channel) => channel.closed))
      clearTimeout(late)
    },
  }
}

async function start(command: string): Promise<Channel> {
  // A session of its own: Ctrl-C at the terminal is for fplay, which ends scripts in good order.
  const child = spawn('/bin/sh', ['-c', command], { stdio: ['pipe', 'pipe', 'pipe'], detached: true })
  await once(child, 'spawn')
  const exited = new Promise<ChannelEnd>((resolve) => {
    child.once('exit', (code, signal) =>
      resolve({ code: code ?? undefined, signal: signal?.replace(/^SIG/, '') }),
    )
  })
  const ended = Promise.all([once(child.stdout, 'close'), once(child.stderr, 'close')])
  return {
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    closed: exited.then(async (end) => {
      // What a script left in the background may keep the streams open for ever.
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 100).unref())])
      return end
    }),
    destroy: () => {
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy()
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
    },
  }
}
