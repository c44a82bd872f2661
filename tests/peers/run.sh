#!/usr/bin/env bash
# The independent ActivityPub server against our release binary, on SQLite, and on PostgreSQL when
# TEST_POSTGRES_URL names a server on which databases may be created.
set -euo pipefail
cd "$(dirname "$0")"

npm ci --no-fund --no-audit --silent
node=node_modules/.bin/node
logs=$(mktemp -d)

total_passed=0 total_failed=0 broken=0
trap 'rm -rf "$logs"; kill "${patient:-}" 2>/dev/null || true' EXIT

# Shows what a script said and adds up its last line, "N passed, N failed".
count() {
    local title=$1 log=$2 status=$3
    echo "── $title"
    cat "$log"
    ((status == 0)) || broken=1
    if [[ $(tail -n 1 "$log") =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then
        total_passed=$((total_passed + BASH_REMATCH[1]))
        total_failed=$((total_failed + BASH_REMATCH[2]))
    else
        total_failed=$((total_failed + 1))
    fi
}

# Runs one script and counts it.
play() {
    local title=$1 status=0
    shift
    "$@" >"$logs/now" 2>&1 || status=$?
    count "$title" "$logs/now" "$status"
}

# On PostgreSQL it waits for leases to end, minutes of doing nothing: the others run meanwhile.
if [[ -n ${TEST_POSTGRES_URL:-} ]]; then
    INSTANCE_POSTGRES_URL=$TEST_POSTGRES_URL "$node" power-cut.mjs >"$logs/patient" 2>&1 &
    patient=$!
fi
play "two peers, no binary" "$node" self-test.mjs
play "journey on SQLite" "$node" journey.mjs
play "power-cut on SQLite" "$node" power-cut.mjs
if [[ -n ${patient:-} ]]; then
    play "journey on PostgreSQL" env INSTANCE_POSTGRES_URL="$TEST_POSTGRES_URL" "$node" journey.mjs
    status=0
    wait "$patient" || status=$?
    patient=
    count "power-cut on PostgreSQL" "$logs/patient" "$status"
else
    echo "── not tried on PostgreSQL: TEST_POSTGRES_URL is not set"
fi

echo
echo "$total_passed passed, $total_failed failed"
((total_failed == 0 && broken == 0))
