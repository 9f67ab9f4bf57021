# Run after a Boost.Test program was linked: writes a CTest file with one test per test case, so that `--match` finds a
# case by its name, a failure names the case, and cases run side by side.
# In: PROGRAM, PREFIX (of the names), LABEL, OUTPUT.
execute_process(COMMAND ${PROGRAM} --list_content=HRF --color_output=no
                OUTPUT_VARIABLE listing ERROR_VARIABLE listing RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "${PROGRAM} --list_content failed (${status}):\n${listing}")
endif()

# A line is four blanks per level, the name, * when enabled, and perhaps a description. A line with a deeper one after it
# is a suite; what is left are the cases. The last line is followed by one that ends everything.
string(REGEX MATCHALL " *[A-Za-z0-9_][^*\n]*\\*[^\n]*\n" lines "${listing}\n")
list(APPEND lines "end")
set(path "")
set(tests "")
foreach(line IN LISTS lines)
  string(REGEX REPLACE "[A-Za-z0-9_].*" "" indentation "${line}")
  string(LENGTH "${indentation}" blanks)
  math(EXPR depth "${blanks} / 4")
  list(LENGTH path levels)
  if(levels GREATER depth)
    list(JOIN path "/" case)
    list(JOIN path "." case_name)
    string(APPEND tests
      "add_test([=[${PREFIX}.${case_name}]=] [=[${PROGRAM}]=] [=[--run_test=${case}]=] --color_output=no)\n"
      "set_tests_properties([=[${PREFIX}.${case_name}]=] PROPERTIES LABELS ${LABEL} TIMEOUT 600)\n")
  endif()
  list(SUBLIST path 0 ${depth} path)
  string(REGEX REPLACE "^ *([^*]+).*" "\\1" name "${line}")
  list(APPEND path "${name}")
endforeach()
if(tests STREQUAL "")
  message(FATAL_ERROR "${PROGRAM} lists no test case:\n${listing}")
endif()
file(WRITE ${OUTPUT} "${tests}")
