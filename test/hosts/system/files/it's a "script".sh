#!/bin/sh
printf '%s|' "$0" "$@" >"$1"
cat
