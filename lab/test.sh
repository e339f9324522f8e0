#!/bin/sh
# npm test: everything it needs, then all tests, or those given as arguments.
set -eu
cd "$(dirname "$0")/.."
. lab/common.sh

require_machine 'npm test'
sh lab/bootstrap.sh
lab/prepare
node_modules/.bin/tsc --noEmit
for argument; do [ ! -e "$argument" ] || named=yes; done
# All files are shared by three processes, each with hosts of its own, because hosts are waited for more than anything is
# computed. A file is reported when it is through. The long ones begin.
[ "${named-}" ] || set -- --parallel --jobs 3 test/playbooks/fate-deploy.test.ts 'test/playbooks/!(fate-deploy).test.ts' \
  'test/differential/**/*.test.ts' 'test/hosts/**/*.test.ts' 'test/!(playbooks|differential|hosts)/**/*.test.ts' \
  'test/*.test.ts' "$@"
exec node_modules/.bin/mocha --reporter test/support/reporter.cjs "$@"
