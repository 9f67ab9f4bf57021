# Run after a Boost.Test program was linked: writes a CTest file with one test per test case, so that `--match` finds a
# case by its name, a failure names the case, and cases run side by side.
# In: PROGRAM, PREFIX (of the names), LABEL, OUTPUT.
execute_process(COMMAND ${PROGRAM} --list_content=HRF --color_output=no
                OUTPUT_VARIABLE listing ERROR_VARIABLE listing RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "${PROGRAM} --list_content failed (${status}):\n${listing}")
endif()

# A line is four blanks per level, the name, and * when enabled; a line whose successor is deeper is a suite.
string(REGEX REPLACE "\n+$" "" listing "${listing}")
string(REPLACE ";" "," listing "${listing}")
string(REPLACE "\n" ";" lines "${listing};")
set(path "")
set(case "")
set(tests "")
set(count 0)
foreach(line IN LISTS lines)
  string(REGEX MATCH "^( *)([A-Za-z0-9_]*)" matched "${line}")
  string(LENGTH "${CMAKE_MATCH_1}" indentation)
  set(name "${CMAKE_MATCH_2}")
  math(EXPR depth "${indentation} / 4")
  if(case AND NOT depth GREATER case_depth)
    string(JOIN "/" full_name ${path})
    string(REPLACE "/" "." dotted_name "${full_name}")
    string(APPEND tests
      "add_test([=[${PREFIX}.${dotted_name}]=] [=[${PROGRAM}]=] [=[--run_test=${full_name}]=] --color_output=no)\n"
      "set_tests_properties([=[${PREFIX}.${dotted_name}]=] PROPERTIES LABELS ${LABEL} TIMEOUT 600)\n")
    math(EXPR count "${count} + 1")
  endif()
  list(SUBLIST path 0 ${depth} path)
  list(APPEND path "${name}")
  set(case "${name}")
  set(case_depth ${depth})
endforeach()
if(count EQUAL 0)
  message(FATAL_ERROR "${PROGRAM} lists no test case:\n${listing}")
endif()
file(WRITE ${OUTPUT} "${tests}")
