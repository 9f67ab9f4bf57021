#!/bin/bash
# Fails when a library or program contains rsqrt or rcp instructions: their results differ between CPU vendors, so one
# of them on the path of a run's bits would end bit-identity without a word.
#   no_approximate_instructions.sh FILE...      exit 0: none, 1: found (each is printed), 2: could not look
set -u -o pipefail

[ $# -gt 0 ] || { echo "usage: $0 FILE..." >&2; exit 2; }
command -v objdump > /dev/null || { echo "objdump is missing: apt-get install binutils" >&2; exit 2; }

listing=$(mktemp)
trap 'rm -f "$listing"' EXIT
found=0
for file in "$@"; do
  objdump --disassemble --no-show-raw-insn "$file" > "$listing" || { echo "$file: cannot be disassembled" >&2; exit 2; }
  grep -qE '^ +[0-9a-f]+:' "$listing" || { echo "$file: holds no instructions" >&2; exit 2; }
  # A function's line ends in "<name>:"; an instruction follows a tab.
  awk -v file="$file" '
    /^[0-9a-f]+ <.*>:$/ { name = $2 }
    /\tv?(rsqrt|rcp)(14|28)?[ps][sdh]?([ \t]|$)/ { print file ": " name " " $0; found = 1 }
    END { exit found }' "$listing" || found=1
done
exit $found
