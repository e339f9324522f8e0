import { expect } from 'chai'
import fc from 'fast-check'
import { createSecrets, MASK } from '../../engine/secrets.js'

describe('secrets', () => {
  const cases: readonly (readonly [string, readonly string[], string, string])[] = [
    ['nothing is known', [], 'a secret', 'a secret'],
    ['one', ['s3cret'], 'user:s3cret@host s3cret', `user:${MASK}@host ${MASK}`],
    ['characters of patterns', ['a.c*[$'], 'abc a.c*[$', `abc ${MASK}`],
    ['one inside another', ['pass', 'password1'], 'password1 pass', `${MASK} ${MASK}`],
    ['too short', ['abc'], 'abc', 'abc'],
    ['a final line break', ['s3cret\n'], 's3cret', MASK],
    ['lines', ['-----KEY\nabcdef\nx\n'], 'abcdef x -----KEY', `${MASK} x ${MASK}`],
    ['escaped in JSON', ['a"b\\c'], '{"p":"a\\"b\\\\c"}', `{"p":"${MASK}"}`],
  ]
  for (const [what, known, text, masked] of cases) {
    it(what, () => {
      const secrets = createSecrets()
      for (const secret of known) secrets.add(secret)
      expect(secrets.mask(text)).to.equal(masked)
    })
  }

  it('masks what is added later', () => {
    const secrets = createSecrets()
    secrets.add('first')
    secrets.mask('first')
    secrets.add('second')
    expect(secrets.mask('first second')).to.equal(`${MASK} ${MASK}`)
  })

  it('never shows a known secret, whatever stands around it', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 4 }), fc.string(), fc.string(), (secret, before, after) => {
        fc.pre(secret.trim().length >= 4 && !MASK.includes(secret.trim()) && !/^\*+|\*+$/.test(secret.trim()))
        const secrets = createSecrets()
        secrets.add(secret)
        expect(secrets.mask(before + secret + after)).not.to.include(secret.trim())
      }),
    )
  })
})
