import { expect } from 'chai'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const ENGLISH = 'docs/playbooks'
const CHINESE = 'docs/zh/playbooks'
const pages = readdirSync(ENGLISH).sort()

/** The code blocks of a page, line by line; remarks behind what is to be written are in the page's language, so they are left out. */
function code(page: string): string[] {
  const lines: string[] = []
  let fenced = false
  for (const line of readFileSync(page, 'utf8').split('\n')) {
    if (line.startsWith('```')) fenced = !fenced
    if (fenced || line.startsWith('```')) lines.push(line.replace(/ +# .*$/, ''))
    // Four or more blanks separate a command from what is said of it.
    else if (/^ {4}\S/.test(line)) lines.push(line.trim().split(/ {4,}/)[0]!)
  }
  return lines
}

/** Commands in backticks: the tables name them in both languages. */
const inlined = (page: string): string[] =>
  [...readFileSync(page, 'utf8').matchAll(/`(fplay [^`]*)`/g)].map(([, command]) => command!).sort()

/** Headings as GitHub names their anchors. */
function anchors(page: string): string[] {
  const headings = [...readFileSync(page, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, text]) => text!)
  return headings.map((text) =>
    text
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

function brokenLinks(page: string): string[] {
  const links = [...readFileSync(page, 'utf8').matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link!)
  return links.filter((link) => {
    if (/^https?:/.test(link)) return false
    const [path, anchor] = link.split('#')
    const target = path ? join(dirname(page), path) : page
    if (!existsSync(target)) return true
    return anchor !== undefined && !anchors(target).includes(anchor)
  })
}

describe('pages of the playbooks', () => {
  it('exist for every playbook, in both languages', () => {
    expect(readdirSync(CHINESE).sort()).to.deep.equal(pages)
    const all = pages.flatMap((page) => code(join(ENGLISH, page))).join('\n')
    for (const name of readdirSync('playbooks').filter((file) => file.endsWith('.yml')))
      expect(all, name).to.include(`fplay playbooks/${name}`)
  })

  for (const page of pages) {
    it(`${page} says the same commands in both languages, and its links lead somewhere`, () => {
      const [english, chinese] = [join(ENGLISH, page), join(CHINESE, page)]
      expect(code(chinese)).to.deep.equal(code(english))
      expect(inlined(chinese)).to.deep.equal(inlined(english))
      for (const one of [english, chinese]) expect(brokenLinks(one), one).to.deep.equal([])
      expect(readFileSync(english, 'utf8')).to.include(`[中文](../zh/playbooks/${page})`)
      expect(readFileSync(chinese, 'utf8')).to.include(`[English](../../playbooks/${page})`)
    })
  }

  it('are all in the index, whose links and those of the READMEs lead somewhere', () => {
    for (const index of ['docs/fate.md', 'docs/zh/fate.md'])
      for (const page of pages) expect(readFileSync(index, 'utf8'), index).to.include(`(playbooks/${page})`)
    expect(code('docs/zh/fate.md')).to.deep.equal(code('docs/fate.md'))
    for (const page of ['docs/fate.md', 'docs/zh/fate.md', 'README.md', 'README.zh.md'])
      expect(brokenLinks(page), page).to.deep.equal([])
  })
})
