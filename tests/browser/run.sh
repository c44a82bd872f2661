#!/usr/bin/env bash
# Journeys and accessibility in a real Chromium. Arguments go to run.mjs: a word selects journeys.
set -euo pipefail
cd "$(dirname "$0")"

npm ci --no-fund --no-audit --silent
# A journey may need somebody on another server.
[[ -d ../peers/node_modules ]] || npm ci --prefix ../peers --no-fund --no-audit --silent
exec node run.mjs "$@"
