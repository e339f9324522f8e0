import type { Validate } from '../module/compile-schema.js'

/** Validators of kinds of values, by kind and whether it is fixed. The build fills it; from the sources it is empty. */
export const COMPILED_KINDS: Readonly<Record<string, Validate>> = {}
