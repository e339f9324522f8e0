#!/bin/sh
# Brings a clone to where its own commands run: the npm packages and the build, each only when missing or out of date.
# Needs nothing but Node.js; every npm script that works on a fresh clone begins with it.
set -eu
cd "$(dirname "$0")/.."

node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' || {
  echo "fplay needs Node.js 20.19 or later, and this is $(node --version)." >&2
  exit 1
}

# newer_than FILE PATH...: some file of the paths is newer than FILE, or there is no FILE
newer_than() {
  [ -f "$1" ] || return 0
  reference=$1
  shift
  [ -n "$(find "$@" -type f -newer "$reference" | head -n 1)" ]
}

if newer_than node_modules/.package-lock.json package-lock.json; then
  echo 'fplay: installing the npm packages' >&2
  npm ci --no-audit --no-fund --loglevel=error >&2
fi
if newer_than dist/.built engine modules plugins build package.json; then
  echo 'fplay: building' >&2
  npm run --silent build >&2
  touch dist/.built
fi
