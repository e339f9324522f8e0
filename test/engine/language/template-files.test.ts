import { expect } from 'chai'
import type { Scope } from '../../../engine/language/jinja/scope.js'
import { renderFile } from '../../../engine/language/template.js'
import { isUnknown, Unknown } from '../../../engine/unknown.js'
import { message, problem } from '../../support/refusals.js'
import { scope } from './template-scope.js'

const uid = new Unknown('id of user fate', [null, 0])

describe('template files', () => {
  const files = new Map([
    ['part.j2', 'part of {{ user }}{% if local is defined %} with {{ local }}{% endif %}\n'],
    ['macros.j2', '{% macro hello(x) %}hello {{ x }}{{ suffix }}{% endmacro %}{% set suffix = "!" %}'],
    ['base.j2', '<{% block title %}base{% endblock %}|{% block body required %}{% endblock %}>'],
    ['middle.j2', "{% extends 'base.j2' %}{% block title %}middle {{ super() }}{% endblock %}"],
    ['broken.j2', 'line\n{{ nosuch }}'],
    ['loop.j2', "{% include 'loop.j2' %}"],
  ])
  const withFiles: Scope = {
    ...scope(),
    template: (name) => {
      const text = files.get(name)
      return text === undefined ? undefined : { text, file: name }
    },
  }
  const render = (text: string): unknown => renderFile(text, withFiles, 'main.j2')

  it('include, import and extend others', () => {
    expect(render("{% set local = 1 %}[{% include 'part.j2' %}]")).to.equal('[part of fate with 1]')
    expect(render("{% set local = 1 %}{% include 'part.j2' without context %}")).to.equal('part of fate')
    expect(render("{% include 'no.j2' ignore missing %}x{% include ['no.j2', 'part.j2'] %}")).to.equal(
      'xpart of fate',
    )
    expect(render("{% import 'macros.j2' as m %}{{ m.hello('you') }}{{ m.suffix }}")).to.equal('hello you!!')
    expect(render("{% from 'macros.j2' import hello as hi %}{{ hi(1) }}")).to.equal('hello 1!')
    expect(render("{% extends 'base.j2' %}dropped{% block body %}B{% endblock %}")).to.equal('<base|B>')
    const child = "{% extends 'middle.j2' %}{% set t = 'T' %}{% block body %}{{ t }}{% endblock %}"
    expect(render(child)).to.equal('<middle base|T>')
  })

  it('tell the place in the file that is wrong', () => {
    expect(message(() => render("{% include 'broken.j2' %}"))).to.match(
      /^broken\.j2:2:4: "nosuch" is undefined/,
    )
    expect(message(() => render("\n{% include 'no.j2' %}"))).to.equal(
      'main.j2:2:12: there is no template "no.j2" (file-not-found)',
    )
    expect(problem(() => render("{% include 'loop.j2' %}")).message).to.contain('without end')
    expect(problem(() => render("{% extends 'base.j2' %}")).message).to.contain('"body" is required')
    expect(problem(() => render("{% from 'macros.j2' import nosuch %}{{ nosuch }}")).code).to.equal(
      'undefined-name',
    )
  })

  it('obey their header and the overrides of the task', () => {
    const header = "#jinja2: variable_start_string: '[%', variable_end_string: '%]', trim_blocks: False\n"
    expect(render(`${header}[% user %] {{ x }}{% if true %}\na{% endif %}\n`)).to.equal('fate {{ x }}\na\n')
    expect(
      renderFile('  {% if true %}\nx\n  {% endif %}\n', withFiles, 'a', { lstrip_blocks: true }),
    ).to.equal('x\n')
    expect(renderFile('a\nb{{ 1 }}', withFiles, 'a', { newline_sequence: '\r\n' })).to.equal('a\r\nb1')
    expect(message(() => render('#jinja2: trim_block: True\nx'))).to.equal(
      'main.j2:1:9: a template has no setting "trim_block"; did you mean "trim_blocks"? (template-syntax)',
    )
    expect(message(() => render('#jinja2: trim_blocks: True\n{{ nosuch }}'))).to.match(/^main\.j2:2:4: /)
  })

  it('are Unknown as a whole when one piece is', () => {
    expect(isUnknown(renderFile('a {{ uid }} b', scope({ uid }), 'a.j2'))).to.equal(true)
  })
})
