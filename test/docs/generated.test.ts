import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Ajv } from 'ajv'
import { expect } from 'chai'
import { load } from 'js-yaml'
import { GENERATED_FOLDERS, generatedPages } from '../../docs/generator/pages.js'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const DOCS = join(ROOT, 'docs')

describe('the generated pages of docs/', () => {
  let pages: Map<string, string>
  before(async () => (pages = await generatedPages()))

  it('are those that the code gives: run "npm run docs" when this fails', () => {
    const stale = [...pages].filter(([name, text]) => {
      const file = join(DOCS, name)
      return !existsSync(file) || readFileSync(file, 'utf8') !== text
    })
    const extra = GENERATED_FOLDERS.flatMap((folder) =>
      readdirSync(join(DOCS, folder))
        .map((name) => `${folder}/${name}`)
        .filter((name) => !pages.has(name)),
    )
    expect([...stale.map(([name]) => name), ...extra], 'run "npm run docs"').to.deep.equal([])
  })

  it('say something of every word', () => {
    for (const [name, text] of pages) {
      if (!name.endsWith('.md')) continue
      expect(text, name).to.match(/^# \S/)
      expect(text, name).to.not.match(/\| undefined|\| {2}\|$/m)
    }
  })

  describe('the schema for editors', () => {
    const validator = (): ((value: unknown) => string[]) => {
      const ajv = new Ajv({ allErrors: true, strict: false })
      const validate = ajv.compile(JSON.parse(pages.get('schema/playbook.json')!) as object)
      return (value) =>
        validate(value)
          ? []
          : validate.errors!.map(({ instancePath, message }) => `${instancePath} ${message}`)
    }

    it('accepts the playbooks that are here', () => {
      const validate = validator()
      const files = readdirSync(join(ROOT, 'playbooks')).filter((name) => name.endsWith('.yml'))
      expect(files).to.not.be.empty
      for (const file of files) {
        const value: unknown = load(readFileSync(join(ROOT, 'playbooks', file), 'utf8'))
        if (Array.isArray(value)) expect(validate(value), file).to.deep.equal([])
      }
    })

    it('marks what fplay would refuse', () => {
      const validate = validator()
      const task = (text: string): string[] => validate(load(`- hosts: all\n  tasks:\n    - ${text}\n`))
      expect(task('copy: {src: a, dest: b, mode: 0644, backup: yes}')).to.deep.equal([])
      expect(task('ansible.builtin.copy: {content: "{{ x }}", dest: b, backup: "{{ y }}"}')).to.deep.equal([])
      expect(
        task('shell: echo\n      args: {chdir: /}\n      with_items: [1]\n      when: x is defined'),
      ).to.deep.equal([])
      expect(task('{block: [{ping: }], rescue: [{debug: {msg: x}}], when: true}')).to.deep.equal([])
      expect(task('copi: {}')).to.not.deep.equal([])
      expect(task('{ping: , wehn: x}')).to.not.deep.equal([])
      expect(task('copy: {dst: b}')).to.not.deep.equal([])
      expect(task('{block: [{pnig: }]}')).to.not.deep.equal([])
      expect(validate([{ hosts: 'all', taks: [] }])).to.not.deep.equal([])
      expect(validate([{ import_playbook: 'x.yml', tags: 'a' }])).to.deep.equal([])
    })
  })
})
