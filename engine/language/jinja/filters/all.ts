import type { Entries } from '../entry.js'
import { BASIC_TESTS } from '../tests/basic.js'
import { FILE_TESTS } from '../tests/file.js'
import { RESULT_TESTS } from '../tests/result.js'
import { VERSION_TESTS } from '../tests/version.js'
import { CRYPT_FILTERS } from './crypt.js'
import { DICT_FILTERS } from './dict.js'
import { ENCODE_FILTERS } from './encode.js'
import { FLOW_FILTERS } from './flow.js'
import { MATH_FILTERS } from './math.js'
import { PATH_FILTERS } from './path.js'
import { RANDOM_FILTERS } from './random.js'
import { REGEX_FILTERS } from './regex.js'
import { SELECT_FILTERS } from './select.js'
import { SEQUENCE_FILTERS } from './sequence.js'
import { SERIALIZE_FILTERS } from './serialize.js'
import { SET_FILTERS } from './sets.js'
import { TEXT_FILTERS } from './text.js'
import { TIME_FILTERS } from './time.js'

/** Every filter there is. */
export const FILTERS: Entries = [
  ...FLOW_FILTERS,
  ...TEXT_FILTERS,
  ...SEQUENCE_FILTERS,
  ...SELECT_FILTERS,
  ...DICT_FILTERS,
  ...SET_FILTERS,
  ...REGEX_FILTERS,
  ...MATH_FILTERS,
  ...RANDOM_FILTERS,
  ...TIME_FILTERS,
  ...ENCODE_FILTERS,
  ...PATH_FILTERS,
  ...SERIALIZE_FILTERS,
  ...CRYPT_FILTERS,
]

/** Every test there is. */
export const TESTS: Entries = [...BASIC_TESTS, ...RESULT_TESTS, ...VERSION_TESTS, ...FILE_TESTS]
