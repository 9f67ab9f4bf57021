# fulmar_checks_cpu(TARGET): the program says which instructions a processor lacks, instead of dying of SIGILL.
# cpu_check.cpp is the one source that is compiled for plain x86-64: it must run on the processors that it refuses.
# Properties of a source belong to the folder that adds it, so call this from the CMakeLists.txt that made TARGET.
function(fulmar_checks_cpu target)
  if(NOT FULMAR_BASELINE MATCHES "^x86-64-v([234])$")
    message(STATUS "No processor check in ${target}: FULMAR_BASELINE=${FULMAR_BASELINE} is not x86-64-v2, -v3 or -v4")
    return()
  endif()
  set(source ${CMAKE_SOURCE_DIR}/actors/cpu_check.cpp)
  target_sources(${target} PRIVATE ${source})
  # No sanitizer here: its runtime is not set up yet when the check runs.
  set_source_files_properties(${source} PROPERTIES
    COMPILE_OPTIONS "-march=x86-64;-O2;-fno-lto;-fno-sanitize=all"
    COMPILE_DEFINITIONS FULMAR_BASELINE_LEVEL=${CMAKE_MATCH_1})
endfunction()
