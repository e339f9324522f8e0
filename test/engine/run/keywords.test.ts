import { expect } from 'chai'
import { LOOP_CONTROL, PROMPT } from '../../../engine/play/keyword-words.js'
import { KEYWORDS, keywordsOf } from '../../../engine/play/keywords.js'
import type { Bearer, Keyword, KeywordName } from '../../../engine/play/keywords.js'
import { EFFECTS } from './keywords/inherited.js'
import type { Effect } from './keywords/inherited.js'
import { OWN } from './keywords/own.js'
import type { Pair } from './keywords/own.js'
import { LOOP_WORDS, PROMPT_WORDS } from './keywords/words.js'
import { see, watch } from './keywords/stage.js'

const BEARERS: readonly Bearer[] = ['play', 'role', 'block', 'task', 'handler', 'import_playbook']
const ALL: Readonly<Record<string, Keyword>> = KEYWORDS
const effects: Partial<Record<KeywordName, Effect>> = EFFECTS

/** Keywords that only people read, and where. */
const FOR_READERS = new Set(['block name', 'import_playbook name'])

/** What they do is shown elsewhere. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  collections: 'test/engine/play/collections.test.ts',
}

describe('every keyword does something', () => {
  for (const name of Object.keys(KEYWORDS) as KeywordName[]) {
    if (ALL[name]!.refused || ELSEWHERE[name]) continue
    it(`${name}: of ${ALL[name]!.on.join(', ')}`, async () => {
      const { on } = ALL[name]!
      // Tasks without end are waited for together; other cases may have the clock to themselves.
      if (effects[name]?.endsWith) await Promise.all(on.map((bearer) => shown(bearer, name)))
      else for (const bearer of on) await shown(bearer, name)
    })
  }

  for (const [name, pair] of Object.entries(LOOP_WORDS)) it(`loop_control.${name}`, () => differs(pair))
  for (const [name, pair] of Object.entries(PROMPT_WORDS)) it(`${name} of vars_prompt`, () => differs(pair))

  it('settings stand in for keywords that nobody gives', async () => {
    const settings = { keywords: { poll: 7, noLog: true, timeout: 0, gatherTimeout: 4 } }
    const { calls } = await see('task', { async: 30 }, { settings })
    expect([calls[0]!.background?.poll, calls[0]!.noLog]).to.deep.equal([7, true])
    const { calls: own } = await see('task', { async: 30, poll: 2, no_log: false }, { settings })
    expect([own[0]!.background?.poll, own[0]!.noLog]).to.deep.equal([2, false])
    const { every } = await watch('- hosts: all\n', { settings })
    expect(every[0]!.params).to.include({ gather_timeout: 4 })
  })

  it('none is without a case', () => {
    const cases = BEARERS.flatMap((bearer) =>
      [...keywordsOf(bearer)]
        .filter((name) => !ALL[name]!.refused && !ELSEWHERE[name])
        .map((name) => `${bearer} ${name}`),
    )
    const known = new Set<string>([...Object.keys(OWN), ...FOR_READERS])
    const general = (one: string): boolean => one.split(' ')[1]! in effects
    expect(cases.filter((one) => !known.has(one) && !general(one))).to.deep.equal([])
    expect(Object.keys(LOOP_WORDS)).to.have.members(Object.keys(LOOP_CONTROL))
    expect(Object.keys(PROMPT_WORDS)).to.have.members(Object.keys(PROMPT))
  })
})

async function shown(bearer: Bearer, name: KeywordName): Promise<void> {
  const own = OWN[`${bearer} ${name}`]
  if (own) return differs(own, `at ${bearer}`)
  if (FOR_READERS.has(`${bearer} ${name}`)) return
  const general = effects[name]!
  const effect = { ...general, ...general.but?.[bearer] }
  const without = effect.look(await see(bearer, {}, effect))
  const seen = await see(
    bearer,
    { [name]: effect.value },
    { ...effect, ends: effect.endsWith ?? effect.ends },
  )
  expect([without, effect.look(seen)], `at ${bearer}`).to.deep.equal([effect.without, effect.with])
}

async function differs(pair: Pair, where?: string): Promise<void> {
  const seen = [pair.look(await watch(pair.without, pair)), pair.look(await watch(pair.with, pair))]
  expect(seen, where).to.deep.equal(pair.sees)
}
