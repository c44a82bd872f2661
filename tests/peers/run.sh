#!/usr/bin/env bash
# The independent ActivityPub server against our release binary, on SQLite, and on PostgreSQL when
# TEST_POSTGRES_URL names a server on which a database may be created.
set -euo pipefail
cd "$(dirname "$0")"

npm ci --no-fund --no-audit --silent
node=node_modules/.bin/node

total_passed=0 total_failed=0 broken=0

# Runs one script and adds up its last line, "N passed, N failed".
count() {
    local log
    log=$(mktemp)
    "$@" 2>&1 | tee "$log" || broken=1
    if [[ $(tail -n 1 "$log") =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then
        total_passed=$((total_passed + BASH_REMATCH[1]))
        total_failed=$((total_failed + BASH_REMATCH[2]))
    else
        total_failed=$((total_failed + 1))
    fi
    rm -f "$log"
}

echo "── two peers, no binary"
count "$node" self-test.mjs
for script in journey power-cut; do
    echo "── $script on SQLite"
    count env -u PEERS_DATABASE_URL "$node" "$script.mjs"
    if [[ -z ${TEST_POSTGRES_URL:-} ]]; then
        echo "── $script not tried on PostgreSQL: TEST_POSTGRES_URL is not set"
        continue
    fi
    echo "── $script on PostgreSQL"
    database="peers_${script//-/_}_$$"
    psql --quiet --dbname "$TEST_POSTGRES_URL" --command "CREATE DATABASE $database"
    count env PEERS_DATABASE_URL="${TEST_POSTGRES_URL%/*}/$database" "$node" "$script.mjs"
    psql --quiet --dbname "$TEST_POSTGRES_URL" --command "DROP DATABASE $database WITH (FORCE)"
done

echo
echo "$total_passed passed, $total_failed failed"
((total_failed == 0 && broken == 0))
