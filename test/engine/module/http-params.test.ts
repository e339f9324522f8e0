import { expect } from 'chai'
import { validateParams } from '../../../engine/module/validate.js'
import getUrl from '../../../modules/get_url.js'
import uri from '../../../modules/uri.js'

describe('parameters of HTTP requests', () => {
  for (const [name, module] of Object.entries({ get_url: getUrl, uri })) {
    it(`of ${name} are refused where they would do nothing`, () => {
      const problems = (...given: readonly (readonly [string, string])[]): readonly string[] =>
        validateParams(module, new Map([['url', 'http://h/'], ['dest', '/x'], ...given]), { name })
          .problems.map(({ message }) => message)
          .filter((message) => message.includes('needs'))
      expect(problems(['url_password', 'p'])).to.deep.equal([`${name}: "url_password" needs "url_username"`])
      expect(problems(['client_key', '/k'])).to.deep.equal([`${name}: "client_key" needs "client_cert"`])
      expect(problems(['url_password', 'p'], ['url_username', 'u'])).to.deep.equal([])
      expect(problems(['client_key', '/k'], ['client_cert', '/c'])).to.deep.equal([])
    })
  }
})
