#!/bin/bash
# Fails when a static library calls one of the C library's transcendental functions: it picks variants by CPU, so their
# bits depend on the machine.
#   no_library_mathematics.sh FILE...      exit 0: none, 1: found (each is printed), 2: could not look
set -u -o pipefail

[ $# -gt 0 ] || { echo "usage: $0 FILE..." >&2; exit 2; }
command -v nm > /dev/null || { echo "nm is missing: apt-get install binutils" >&2; exit 2; }

names='a?(sin|cos|tan)h?|sincos|atan2|exp|exp2|exp10|expm1|log|log2|log10|log1p|pow|cbrt|hypot|erfc?|[lt]gamma'
found=0
for file in "$@"; do
  symbols=$(nm --undefined-only "$file") || { echo "$file: cannot be read" >&2; exit 2; }
  if calls=$(grep -E "^ +U ($names)[fl]?(@.*)?$" <<< "$symbols" | sort -u); then
    printf '%s calls:\n%s\n' "$file" "$calls"
    found=1
  fi
done
exit $found
