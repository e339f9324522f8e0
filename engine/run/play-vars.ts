import { existsSync } from 'node:fs'
import { fail, FplayError } from '../errors.js'
import { hashPassword } from '../language/jinja/filters/crypt.js'
import { EvalError } from '../language/jinja/item.js'
import { renderValue } from '../language/template.js'
import { isDict, keyText, Unsafe } from '../language/value.js'
import type { Dict, Value } from '../language/value.js'
import { createScope, dictLayer, orderLayers } from '../language/variables.js'
import type { Layer, Sources, VariableScope } from '../language/variables.js'
import type { Play, VarsPrompt, Written } from '../play/play.js'
import { besidePlaybook } from '../play/static-vars.js'
import type { Run } from './context.js'
import { text } from './evaluate.js'
import { hostSources, playVariables, sharedSources } from './layers.js'
import { lookupsOf } from './lookups.js'

/** What a play says before any of its hosts is looked at: a scope of its own variables and those of the run. */
export function playScope(run: Run, play: Play, answers: Dict): VariableScope {
  const layers = orderLayers(playVariables(play, answers, []), ...sharedSources(run))
  return createScope(layers, renderValue, { lookups: lookupsOf(run) })
}

/** The variables of a play for each of its hosts: names of `vars_files` may differ from host to host. */
export function playSources(run: Run, play: Play, answers: Dict): (host: string) => Sources {
  if (!play.varsFiles.length) {
    const same = playVariables(play, answers, [])
    return () => same
  }
  const known = new Map<string, Sources>()
  return (host) => {
    let sources = known.get(host)
    if (!sources) {
      const layers = orderLayers(...hostSources(run, host), playVariables(play, answers, []))
      const scope = createScope(layers, renderValue, { lookups: lookupsOf(run) })
      const files = play.varsFiles.flatMap((written) => varsFile(run, play, written, scope))
      known.set(host, (sources = playVariables(play, answers, files)))
    }
    return sources
  }
}

/** One entry of `vars_files`: a file, or a list of which the first that exists is read. */
function varsFile(run: Run, play: Play, { value, place }: Written, scope: VariableScope): Layer[] {
  const choices = Array.isArray(value) ? value : [value]
  const names = choices.flatMap((choice) => rendered(choice, scope, choices.length > 1))
  const paths = names.map((name) => besidePlaybook(play, name))
  const path = paths.find((candidate) => existsSync(candidate))
  if (path === undefined) {
    return fail({
      code: 'file-not-found',
      message: `none of the files of vars_files exists: ${names.join(', ')}`,
      place,
      allowed: `looked for ${paths.join(', ')}`,
    })
  }
  const variables = run.files.yaml(path)
  if (variables === null) return []
  if (isDict(variables)) return [dictLayer(path, variables)]
  return fail({ code: 'bad-keyword', message: `${path} is no dictionary of variables`, place })
}

/** A name with its templates evaluated; where there are other names, one that cannot be evaluated is passed over. */
function rendered(name: Value, scope: VariableScope, others: boolean): string[] {
  try {
    return [text(renderValue(name, scope))]
  } catch (error) {
    if (others && error instanceof FplayError) return []
    throw error
  }
}

/** Asks for the variables of `vars_prompt` that -e does not give. */
export async function askPrompts(run: Run, play: Play): Promise<Dict> {
  const answers: Dict = new Map()
  const given = new Set([...run.settings.extraVars.keys()].map(keyText))
  for (const prompt of play.varsPrompt) {
    if (!given.has(prompt.name)) answers.set(prompt.name, await answerOf(run, play, prompt, answers))
  }
  return answers
}

async function answerOf(run: Run, play: Play, prompt: VarsPrompt, answers: Dict): Promise<Value> {
  const scope = playScope(run, play, answers)
  const fallback =
    prompt.default === undefined ? undefined : text(renderValue(prompt.default, scope, prompt.place))
  const question = {
    text: text(renderValue(prompt.prompt, scope, prompt.place)),
    hidden: prompt.private,
    confirm: prompt.confirm,
    default: fallback,
  }
  const answer = run.settings.prompt ? await run.settings.prompt(question) : fallback
  if (answer === undefined) {
    return fail({
      code: 'bad-option',
      message: `nobody can be asked for the variable "${prompt.name}"`,
      place: prompt.place,
      cure: `give it with -e ${prompt.name}=…`,
    })
  }
  // A default stands in the playbook for all to read, and may be any common word.
  if (prompt.private && answer !== fallback) run.secrets.add(answer)
  const value = hashed(prompt, answer)
  return prompt.unsafe ? new Unsafe(value) : value
}

/** The answer as `encrypt` wants it. */
function hashed({ name, encrypt, salt, saltSize, place }: VarsPrompt, answer: string): string {
  if (encrypt === undefined) return answer
  try {
    return hashPassword(answer, encrypt, { salt, saltSize })
  } catch (error) {
    if (!(error instanceof EvalError)) throw error
    const message = `vars_prompt "${name}": ${error.message}`
    return fail({ code: 'bad-keyword', message, place, allowed: error.allowed })
  }
}
