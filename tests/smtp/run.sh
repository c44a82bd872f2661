#!/usr/bin/env bash
# Mail as a real mail server sees it. EMANCIPASSO_BIN names the binary (default: the release build).
set -euo pipefail
cd "$(dirname "$0")"

venv=${VENV_FOLDER:-../../target/venv}/smtp
[[ -x $venv/bin/python ]] || python3 -m venv "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check --requirement requirements.txt

"$venv/bin/python" self_test.py
exec "$venv/bin/python" run.py
