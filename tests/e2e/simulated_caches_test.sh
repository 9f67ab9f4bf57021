#!/bin/bash
# The same short training gives the same weights, bit for bit, on processors of different vendors and cache sizes, as
# qemu's user mode imitates them, and on this machine itself.
set -euo pipefail

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

command -v qemu-x86_64-static >/dev/null || fail "qemu-x86_64-static is missing: apt-get install qemu-user-static"

# weights_of NAME [COMMAND...]: trains a few updates, run by COMMAND, and prints the hash of the weights.
weights_of() {
  local name=$1
  shift
  "$@" "$FULMAR" train "$FULMAR_SOURCE/data/examples/winds.toml" --slots 1 --progress none --json \
    --set "run.directory=$PWD/$name" --set stop.epochs=1 --set "data.train=[\"1982-01\", \"1983-04\"]" \
    --set "data.validation=[\"1989-01\", \"1989-02\"]" --set "data.test=[\"1991-01\", \"1991-02\"]" \
    >"$name.out" 2>"$name.err" || fail "training on $name ended with $?: $(tail -n 5 "$name.err")"
  tail -n 1 "$name.out" | sed -n 's/.*"weights_sha256": *"\([0-9a-f]\{64\}\)".*/\1/p'
}

expected=$(weights_of host)
[ -n "$expected" ] || fail "no weights_sha256 in the last line: $(tail -n 1 host.out)"
echo "host: $expected"

# What these report as L1/L2/L3 in KiB, to programs that adapt to it: 32/4096/16384, 32/4096/none, 32/512 and 64/512
# (the last two as AMD processors do).
for cpu in Haswell Haswell,l3-cache=off EPYC max; do
  found=$(weights_of "$cpu" timeout 600 qemu-x86_64-static -cpu "$cpu")
  echo "$cpu: $found"
  [ "$found" = "$expected" ] || fail "other weights on $cpu: $found instead of $expected"
done
