#!/usr/bin/env bash
# Mail as a real mail server sees it.
set -euo pipefail
cd "$(dirname "$0")"

venv=${VENV_FOLDER:-../../target/venv}/smtp
[[ -x $venv/bin/python ]] || python3 -m venv "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check --requirement requirements.txt

exec "$venv/bin/python" self_test.py
