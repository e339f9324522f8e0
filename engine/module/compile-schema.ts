import { createRequire } from 'node:module'
import type { Ajv as AjvClass, ErrorObject } from 'ajv'
import type { JsonSchema } from './schema.js'

/** Tells whether a value fits a schema; what does not is in `errors`. */
export interface Validate {
  (value: unknown): boolean
  errors?: ErrorObject[] | null
}

/**
 * What schemas are compiled with, at run time and by the build. Ours are held valid by a test, so ajv need not compile
 * the schema of schemas first.
 */
export const SCHEMA_OPTIONS = {
  /** Values of keywords: yes or no. */
  keyword: { allowUnionTypes: true, validateSchema: false, meta: false },
  /** Parameters of modules: everything that is wrong. */
  params: {
    allErrors: true,
    verbose: true,
    allowUnionTypes: true,
    ownProperties: true,
    validateSchema: false,
    meta: false,
  },
} as const

/** Compiles a schema that the build has not. ajv is loaded for it, which takes as long as reading a small playbook. */
export function compileSchema(schema: JsonSchema, options: keyof typeof SCHEMA_OPTIONS): Validate {
  const { Ajv } = createRequire(import.meta.url)('ajv') as { Ajv: typeof AjvClass }
  return new Ajv(SCHEMA_OPTIONS[options]).compile(schema) as Validate
}
