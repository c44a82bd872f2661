#!/usr/bin/env bash
# Journeys and accessibility in a real Chromium. A word selects journeys; `screenshot` makes the picture of README.md.
set -euo pipefail
cd "$(dirname "$0")"

npm ci --no-fund --no-audit --silent
# A journey may need somebody on another server.
[[ -d ../peers/node_modules ]] || npm ci --prefix ../peers --no-fund --no-audit --silent
if [[ ${1:-} == screenshot ]]; then exec node screenshot.mjs; fi
exec node run.mjs "$@"
