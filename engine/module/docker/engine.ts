import { Fail, type ScriptOutput } from '../contract.js'
import { Script } from '../quote.js'

/**
 * What the docker modules share. They speak to the `docker` program of the host: it is there wherever an engine is,
 * and it knows contexts, TLS and credentials as the users set them up.
 */

/**
 * Shell functions `fplay_v2` (is the plugin there?), `fplay_compose`: Compose v2 where its plugin is installed, v1
 * otherwise, and `fplay_offline`: the same for what needs no engine. Looking for the plugin's file, and starting it
 * without docker, saves starts of docker, which cost more than the whole rest of a probe.
 */
export const COMPOSE_FUNCTION = Script.trusted(String.raw`
fplay_v2() {
  for P in "$HOME/.docker" /usr/local/lib/docker /usr/local/libexec/docker /usr/lib/docker /usr/libexec/docker; do
    if [ -x "$P/cli-plugins/docker-compose" ]; then return 0; fi
  done
  return 1
}
fplay_compose() {
  if fplay_v2; then docker compose "$@"
  elif command -v docker-compose >/dev/null 2>&1; then docker-compose "$@"
  else echo 'fplay: no compose' >&2; return 127; fi
}
fplay_offline() { if fplay_v2; then "$P/cli-plugins/docker-compose" "$@"; else fplay_compose "$@"; fi; }`)

/** Throws what stands between us and the engine, with its cure; nothing when the output is of another kind. */
export function refuseDocker({ stderr, code }: ScriptOutput): void {
  if (code === 0) return
  if (/docker: not found|docker: command not found|No such file or directory.*docker$/m.test(stderr)) {
    throw new Fail(
      'there is no docker program on the host',
      ['program:docker'],
      'install Docker Engine 19.03 or later',
    )
  }
  if (/fplay: no compose|docker-compose: not found/.test(stderr)) {
    throw new Fail(
      'there is no Docker Compose on the host',
      ['program:docker-compose'],
      'install Compose 1.27 or later, or the v2 plugin',
    )
  }
  if (/permission denied.*docker/is.test(stderr)) {
    throw new Fail(
      'the user may not speak to the Docker Engine',
      [],
      'put the user into the group docker, or use become',
    )
  }
  if (
    /Cannot connect to the Docker daemon|Is the docker daemon running|Error while fetching server API/i.test(
      stderr,
    )
  ) {
    throw new Fail(
      'the Docker Engine does not answer',
      ['http:docker'],
      'start it (systemctl start docker) and look at its log',
    )
  }
}

/** The last lines of what a docker program complained, for a message. */
export function complaint(stderr: string): string {
  const lines = stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^time=.*level=warning/.test(line))
  return lines.slice(-4).join('; ') || 'it said nothing'
}
