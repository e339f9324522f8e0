import { expect } from 'chai'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { makeKey, writeKey } from '../../engine/module/private-key.js'
import { call, testHost, type TestHost } from '../support/envelope.js'

export const HOSTILE = `it's "a" $(id) \`b\` \\ 甲方, 公司=1`
export const dry = { checkMode: true }

/** A host with keys, as files `KIND.key`. */
export function hostWithKeys(): TestHost {
  const host = testHost()
  const kinds = { ca: 'secp384r1', ec: 'secp256r1', other: 'secp256r1' }
  for (const [name, curve] of Object.entries(kinds)) {
    writeFileSync(
      `${host.folder}/${name}.key`,
      writeKey(makeKey({ type: 'ECC', size: 0, curve }), 'pkcs1', undefined),
    )
  }
  writeFileSync(`${host.folder}/rsa.key`, writeKey(makeKey({ type: 'RSA', size: 2048 }), 'pkcs8', 'pass'))
  writeFileSync(`${host.folder}/ed.key`, writeKey(makeKey({ type: 'Ed25519', size: 0 }), 'pkcs8', undefined))
  return host
}

/** A dry run that foretells, the run, and a run with nothing to do; gives what the run returned. */
export async function settles(
  host: TestHost,
  module: unknown,
  params: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  const path = String(params['path'])
  const before = existsSync(path) ? readFileSync(path, 'utf8') : undefined
  const foreseen = await call(host, module, params, dry)
  expect(foreseen, foreseen.message).to.include({ status: 'changed' })
  expect(existsSync(path) ? readFileSync(path, 'utf8') : undefined, 'a dry run changes nothing').to.equal(
    before,
  )
  host.forecast.states.clear()
  const done = await call(host, module, params)
  expect(done, done.message).to.include({ status: 'changed' })
  expect(Object.keys(foreseen.values)).to.deep.equal(Object.keys(done.values))
  const again = await call(host, module, params)
  expect(again, again.message).to.include({ status: 'ok' })
  expect(again.values).to.deep.equal(done.values)
  expect(await call(host, module, params, dry)).to.include({ status: 'ok' })
  return { ...done.values }
}
