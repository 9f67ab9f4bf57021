#!/bin/bash
# The same short training gives the same weights, bit for bit, on processors of different vendors and cache sizes, as
# qemu's user mode imitates them, and on this machine itself. The field is small, since imitation is slow.
set -euo pipefail

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

command -v qemu-x86_64-static >/dev/null || fail "qemu-x86_64-static is missing: apt-get install qemu-user-static"

# weights_of NAME MODEL [COMMAND...]: trains a few updates, run by COMMAND, and prints the hash of the weights.
weights_of() {
  local name=$1 model=$2
  shift 2
  "$@" "$FULMAR" train "$FULMAR_SOURCE/tests/driving/small.toml" --slots 1 --progress none --json \
    --set "run.directory=$name" --set stop.epochs=1 --set "model=$model" \
    >"$name.out" 2>"$name.err" || fail "training $name ended with $?: $(tail -n 5 "$name.err")"
  tail -n 1 "$name.out" | sed -n 's/.*"weights_sha256": *"\([0-9a-f]\{64\}\)".*/\1/p'
}

# same_on_every_processor KIND MODEL
same_on_every_processor() {
  local kind=$1 model=$2 expected found cpu
  expected=$(weights_of "$kind-here" "$model")
  [ -n "$expected" ] || fail "no weights_sha256 in the last line: $(tail -n 1 "$kind-here.out")"
  echo "$kind, here: $expected"
  # What these report as L1/L2/L3 in KiB, to programs that adapt to it: 32/4096/16384, 32/4096/none, 32/512 and 64/512
  # (the last two as AMD processors do).
  for cpu in Haswell Haswell,l3-cache=off EPYC max; do
    found=$(weights_of "$kind-$cpu" "$model" timeout 300 qemu-x86_64-static -cpu "$cpu")
    echo "$kind, $cpu: $found"
    [ "$found" = "$expected" ] || fail "$kind has other weights on $cpu: $found instead of $expected"
  done
}

same_on_every_processor cnn '{kind="cnn", channels=[24, 24], dropout=0.1}'
same_on_every_processor linear '{kind="linear"}'
