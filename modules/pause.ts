import { defineModule, type Controller } from '../engine/module/contract.js'
import { stamp } from '../engine/module/free-command.js'
import type { InferParams } from '../engine/module/params.js'

const params = {
  seconds: { type: 'float', description: 'Seconds to wait; less than 1 is 1.' },
  minutes: { type: 'float', description: 'Minutes to wait.' },
  prompt: {
    type: 'str',
    description: 'What to ask, or with seconds or minutes what to say. Default: to press Enter.',
  },
  echo: { type: 'bool', default: true, description: 'Show what is typed.' },
} as const
type Params = InferParams<typeof params>

/** A pause that has begun. */
interface Local {
  readonly started: Date
  readonly answer: string
}

/** Seconds to wait; undefined where a person ends the pause. */
function seconds({ seconds: given, minutes }: Params): number | undefined {
  const length = minutes === undefined ? given : Math.trunc(minutes) * 60
  return length === undefined ? undefined : Math.max(1, Math.trunc(length))
}

async function prepare(given: Params, controller: Controller): Promise<Local> {
  const started = new Date()
  const { prompt, echo } = given
  const heading = `[${controller.task}]\n`
  if (seconds(given) !== undefined) {
    if (prompt !== undefined) controller.say(heading + prompt, 'info')
    return { started, answer: '' }
  }
  const question = `${heading}${prompt ?? 'Press Enter to continue, Ctrl+C to end the run'}${echo ? '' : ' (output is hidden)'}`
  const answer = await controller.ask(question, !echo)
  if (answer === undefined) {
    controller.say(`${question}\nNobody can be asked, since the input is no terminal; going on`, 'warning')
  }
  return { started, answer: answer ?? '' }
}

function result(given: Params, { started, answer }: Local): Readonly<Record<string, unknown>> {
  const stop = new Date()
  const passed = (stop.getTime() - started.getTime()) / 1000
  const unit = given.seconds === undefined ? 'minutes' : 'seconds'
  const length = Math.round((unit === 'minutes' ? passed / 60 : passed) * 100) / 100
  return {
    start: stamp(started),
    stop: stamp(stop),
    delta: Math.trunc(passed),
    stdout: `Paused for ${Number.isInteger(length) ? `${length}.0` : length} ${unit}`,
    stderr: '',
    rc: 0,
    echo: given.echo,
    user_input: answer,
  }
}

/** Waits for some time, or for a person. */
export default defineModule({
  summary: 'Wait for some time, or until a person says to go on',
  description:
    'It is done once for all hosts of the batch. Where the input is no terminal, nobody is waited for. A dry run asks, but does not wait for time to pass.',
  params,
  rules: { exclusive: [['seconds', 'minutes']] },
  once: true,
  returns: {
    user_input: 'What was typed.',
    start: 'When it began.',
    stop: 'When it ended.',
    delta: 'Whole seconds between.',
    stdout: 'How long it was, as a sentence.',
    stderr: 'Nothing.',
    rc: 'Always 0.',
    echo: 'As given.',
  },
  examples: `
- name: Let the other party bring up its router
  pause: {seconds: 30}
- name: Ask the other party
  pause: {prompt: Has the other party opened port 9370? Press Enter when it has}
`,
  prepare,
  until: (given) => ({ seconds: 0, delay: seconds(given) ?? 0, sleep: 1 }),
  result: (given, _before, _after, _ran, local) => ({ values: result(given, local) }),
})
