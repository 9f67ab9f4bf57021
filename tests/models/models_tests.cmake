# Tests of the models that are not C++: what their machine code may hold. Included by tests/CMakeLists.txt.
if(NOT FULMAR_SANITIZE AND CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  set(instruction_check ${CMAKE_CURRENT_LIST_DIR}/../style/no_approximate_instructions.sh)
  set(call_check ${CMAKE_CURRENT_LIST_DIR}/../style/no_library_mathematics.sh)
  set(bit_path_libraries $<TARGET_FILE:fulmar_vocabulary> $<TARGET_FILE:fulmar_models>)
  if(TARGET fulmar_core)
    list(APPEND bit_path_libraries $<TARGET_FILE:fulmar_core>)
  endif()

  add_test(NAME models.no_approximate_instructions
    COMMAND ${instruction_check} ${bit_path_libraries} $<TARGET_FILE:test_models>)
  add_test(NAME models.no_library_mathematics COMMAND ${call_check} ${bit_path_libraries})

  # A check that cannot fail proves nothing: both must find (exit 1, not 2) what the probe holds.
  add_library(approximate_root_probe STATIC ${CMAKE_CURRENT_LIST_DIR}/probes/approximate_root.cpp)
  add_dependencies(test_models approximate_root_probe)
  foreach(check instruction_check call_check)
    get_filename_component(check_name ${${check}} NAME_WE)
    add_test(NAME models.${check_name}_finds_the_probe
      COMMAND bash -c "\"$0\" \"$1\"; test $? -eq 1" ${${check}} $<TARGET_FILE:approximate_root_probe>)
    list(APPEND model_checks models.${check_name} models.${check_name}_finds_the_probe)
  endforeach()
  set_tests_properties(${model_checks} PROPERTIES LABELS unit TIMEOUT 120)
endif()
