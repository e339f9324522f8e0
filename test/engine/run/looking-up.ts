import { outcomeOn, playText } from './playing.js'

/** Values of expressions on the host `a`; what fails gives its message. */
export async function values(
  expressions: readonly string[],
  options: Parameters<typeof playText>[1] = {},
): Promise<unknown[]> {
  const tasks = expressions.map(
    (expression, i) =>
      `    - {name: n${i}, debug: {msg: ${JSON.stringify(`{{ ${expression} }}`)}}, ignore_errors: true}`,
  )
  const played = await playText(
    `- hosts: a\n  gather_facts: false\n  vars: {one: 1}\n  tasks:\n${tasks.join('\n')}\n`,
    options,
  )
  return expressions.map((_, i) => {
    const { status, message, values: got } = outcomeOn(played, `n${i}`)
    return status === 'ok' ? got['msg'] : message
  })
}
