import { expect } from 'chai'
import { mkdirSync, writeFileSync } from 'node:fs'
import assemble from '../../../modules/assemble.js'
import copy from '../../../modules/copy.js'
import iniFile from '../../../modules/ini_file.js'
import key from '../../../modules/openssl_privatekey.js'
import stat from '../../../modules/stat.js'
import { call, testHost } from '../../support/envelope.js'

describe('files that are kept', () => {
  it('are there for later tasks of a dry run, with what was in them', async () => {
    const host = testHost()
    mkdirSync(`${host.folder}/src`)
    writeFileSync(`${host.folder}/src/1`, 'new')
    const tasks = Object.entries({
      assemble: [assemble, { src: `${host.folder}/src`, remote_src: true }],
      copy: [copy, { content: 'new' }],
      ini_file: [iniFile, { option: 'a', value: 'b' }],
      openssl_privatekey: [key, { type: 'Ed25519' }],
    } as const)
    for (const [name, [module, params]] of tasks) {
      const path = `${host.folder}/${name}`
      writeFileSync(path, '[old]\n')
      const given = { ...params, path, dest: path, backup: true }
      const { values, message } = await call(host, module, given, { checkMode: true })
      const kept = values['backup_file'] as string
      expect(kept, `${name}: ${message}`).to.be.a('string')
      const found = await call(host, stat, { path: kept }, { checkMode: true })
      expect(found.values['stat'], name).to.include({ exists: true, size: 6 })
    }
  })
})
