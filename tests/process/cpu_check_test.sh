#!/bin/bash
# A processor without the instructions of this build gets a message and exit code 1, never SIGILL, even where AVX2 code
# runs before main. The processors are those that qemu's user mode imitates.
set -euo pipefail

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# on CPU PROGRAM [ARGUMENT...]: sets status, and leaves what was printed in the files out and err.
on() {
  local cpu=$1
  shift
  status=0
  timeout 120 qemu-x86_64-static -cpu "$cpu" "$@" >out 2>err || status=$?
  echo "$cpu, ${1##*/}: exit code $status"
}

refuses() {
  on "$@"
  [ "$status" -eq 1 ] || fail "expected exit code 1 on $1, got $status: $(cat err)"
  [ ! -s out ] || fail "the program started on $1: $(cat out)"
  grep -q 'this processor cannot run this build, made for x86-64-v' err || fail "no clear message on $1: $(cat err)"
  grep -q 'rebuild with -DFULMAR_BASELINE=x86-64' err || fail "no remedy on $1: $(cat err)"
}

command -v qemu-x86_64-static >/dev/null || fail "qemu-x86_64-static is missing: apt-get install qemu-user-static"
probes=$FULMAR_BUILD/tests/process

# Without the check an old processor kills the program: what follows proves something.
on Nehalem "$probes/unchecked_cpu_probe"
[ "$status" -eq 132 ] || fail "expected SIGILL without the check, got $status"

for program in "$probes/cpu_check_probe" "$FULMAR"; do
  refuses Nehalem "$program" --help
  for feature in AVX AVX2 BMI1 BMI2 F16C FMA LZCNT MOVBE OSXSAVE; do
    grep -qE "[ ,]${feature}[,.]" err || fail "$feature is not named as missing on Nehalem: $(cat err)"
  done

  # An IvyBridge has AVX and F16C: exactly what it lacks is named.
  refuses IvyBridge "$program" --help
  grep -q 'it lacks AVX2, BMI1, BMI2, FMA, LZCNT, MOVBE\.' err || fail "wrong list on IvyBridge: $(cat err)"

  # One missing instruction set is enough.
  refuses Haswell,-fma "$program" --help
  grep -q 'it lacks FMA\.' err || fail "wrong list without FMA: $(cat err)"

  for cpu in Haswell EPYC max; do
    on "$cpu" "$program" --help
    [ "$status" -eq 0 ] || fail "expected to run on $cpu: $(cat err)"
    [ -s out ] || fail "nothing printed on $cpu"
  done
done
