#!/bin/bash
# The decoder, the assembler, the rules and the roles behind them, under libFuzzer, AddressSanitizer and
# UndefinedBehaviorSanitizer, from real packets on; a minute, or FUZZ_SECONDS. FUZZ_INPUT=FILE runs one input again.
set -euo pipefail

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

compiler=$(command -v clang++ || command -v /usr/lib/llvm-14/bin/clang++ || true)
runtime=$([ -z "$compiler" ] || "$compiler" --print-file-name=libclang_rt.fuzzer-x86_64.a)
if [ ! -f "$runtime" ]; then
  echo "SKIPPED: nothing was fuzzed, because clang++ or its libFuzzer is missing: apt-get install clang libclang-rt-14-dev"
  exit 77
fi
header=$FULMAR_BUILD/runtime/wire/control_generated.h
[ -f "$header" ] || fail "$header is missing: build first"

sources=("$FULMAR_SOURCE"/runtime/core/*.cpp "$FULMAR_SOURCE"/runtime/vocabulary/*.cpp
  "$FULMAR_SOURCE"/runtime/memory/buffer_pool.cpp
  "$FULMAR_SOURCE"/runtime/transport/{assembler,codec,codec_letters,codec_words,datagram,message_rules,readable_text}.cpp
  "$FULMAR_SOURCE"/tests/runtime/transport/sample_datagrams.cpp
  "$FULMAR_SOURCE"/tests/fuzz/{roles,wire_seeds,wire_fuzzer}.cpp)
printf '"%s"\n' -std=c++20 -O1 -g1 -march=x86-64-v3 -ffp-contract=off "-I$FULMAR_SOURCE" -isystem "${header%/*}" \
  -fsanitize=address,undefined -fno-sanitize-recover=all -fsanitize=fuzzer-no-link >flags
mkdir objects seeds found

# Each to objects/NAME.o.
(cd objects && printf '%s\0' "${sources[@]}" | xargs -0 -P "$(nproc)" -n 1 "$compiler" @../flags -c) ||
  fail "the fuzzer does not compile"
"$compiler" @flags -fsanitize=fuzzer objects/*.o -o wire_fuzzer
rm objects/wire_fuzzer.o
"$compiler" @flags "$FULMAR_SOURCE/tests/fuzz/write_wire_seeds.cpp" objects/*.o -o write_wire_seeds
./write_wire_seeds seeds
echo "$(find seeds -type f | wc -l) seeds"

if [ -n "${FUZZ_INPUT:-}" ]; then exec ./wire_fuzzer "$FUZZ_INPUT"; fi

# An input that takes 10 s hangs, and one that makes the decoder ask for 64 MiB at once lies about a size.
if ! ./wire_fuzzer -max_total_time="${FUZZ_SECONDS:-60}" -timeout=10 -malloc_limit_mb=64 -rss_limit_mb=2048 -max_len=4096 \
  -print_final_stats=1 -artifact_prefix=./ found seeds >log 2>&1; then
  tail -n 60 log
  for input in crash-* timeout-* oom-* leak-* slow-unit-*; do
    [ -f "$input" ] || continue
    echo "$PWD/$input, in hex (xxd -r -p makes a file of it again, which FUZZ_INPUT runs):"
    od -An -v -tx1 "$input" | tr -d ' \n'
    echo
  done
  fail "the fuzzer found something"
fi
grep -E 'INITED|DONE|stat::(number_of_executed_units|average_exec_per_sec|new_units_added|peak_rss_mb)' log
# A minute in which next to nothing was executed shows nothing.
executed=$(sed -n 's/^stat::number_of_executed_units: *//p' log)
[ "$executed" -ge 1000 ] || fail "only $executed inputs were executed"
