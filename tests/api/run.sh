#!/usr/bin/env bash
# The public API against its own OpenAPI document.
set -euo pipefail
cd "$(dirname "$0")"

venv=${VENV_FOLDER:-../../target/venv}/api
[[ -x $venv/bin/python ]] || python3 -m venv "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check --requirement requirements.txt

SCHEMATHESIS=$venv/bin/schemathesis exec node run.mjs
