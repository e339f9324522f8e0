#!/bin/sh
# npm test: everything it needs, then all tests, or those given as arguments.
set -eu
cd "$(dirname "$0")/.."
. lab/common.sh

require_machine 'npm test'
sh lab/bootstrap.sh
lab/prepare
for argument; do [ ! -e "$argument" ] || named=yes; done
[ "${named-}" ] || set -- 'test/**/*.test.ts' "$@"
node_modules/.bin/tsc --noEmit
exec node_modules/.bin/mocha --reporter test/support/reporter.cjs "$@"
