#!/bin/sh
# Fail if ../static is not what the sources build: for continuous integration, after `npm ci`.
set -eu
cd "$(dirname "$0")"
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
sh build.sh "$fresh"
diff -r "$fresh" ../static && echo "static is what the sources build"
