import { expect } from 'chai'
import fc from 'fast-check'
import { firstWord, parseFreeForm, Unbalanced } from '../../../engine/play/free-form.js'

const any = (): boolean => true
const only =
  (...names: string[]) =>
  (key: string) =>
    names.includes(key)

function options(text: string, isOption: (key: string) => boolean = any): Record<string, string> {
  return Object.fromEntries(parseFreeForm(text, isOption).options.map(({ key, value }) => [key, value]))
}

describe('free-form text after a module', () => {
  it('takes key=value words apart', () => {
    expect(options('src=a dest=/tmp/b  mode=0644')).to.deep.equal({ src: 'a', dest: '/tmp/b', mode: '0644' })
  })

  it('keeps blanks inside quotes and takes the quotes off', () => {
    expect(options(`msg="a b" other='c "d"'`)).to.deep.equal({ msg: 'a b', other: 'c "d"' })
  })

  it('keeps a template together', () => {
    expect(options('src={{ a | default("x y") }}/b dest=c')).to.deep.equal({
      src: '{{ a | default("x y") }}/b',
      dest: 'c',
    })
  })

  it('decodes escapes in values', () => {
    expect(options('msg="a\\tb\\x41\\u00e4"')).to.deep.equal({ msg: 'a\tbAä' })
  })

  it('leaves words alone that are no parameter of the module', () => {
    const parsed = parseFreeForm('dd if=/dev/zero of=x  bs=1 chdir=/tmp', only('chdir'))
    expect(parsed.rest).to.equal('dd if=/dev/zero of=x  bs=1')
    expect(parsed.options).to.deep.equal([{ key: 'chdir', value: '/tmp' }])
  })

  it('leaves a quoted word alone', () => {
    expect(parseFreeForm('echo "chdir=/x"', only('chdir')).rest).to.equal('echo "chdir=/x"')
  })

  it('keeps lines and drops their continuation', () => {
    expect(parseFreeForm('ls \\\n  -l\necho', only()).rest).to.equal('ls   -l\necho')
  })

  it('refuses what is not closed', () => {
    expect(() => parseFreeForm('echo "a', any)).to.throw(Unbalanced)
    expect(() => parseFreeForm('src={{ a', any)).to.throw(Unbalanced)
  })

  it('splits the name of a module off', () => {
    expect(firstWord(' copy src=a dest=b')).to.deep.equal({ word: 'copy', rest: 'src=a dest=b' })
  })

  it('changes nothing in a command without options', () => {
    const text = fc.stringMatching(/^[a-z|<>$&;=. -]*$/).map((line) => line.trim())
    fc.assert(fc.property(text, (line) => parseFreeForm(line, () => false).rest === line))
  })
})
