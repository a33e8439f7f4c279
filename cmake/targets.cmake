include(GoogleTest)

# spillway_library(websocket SRCS frame.cc DEPS base LINKS ZLIB::ZLIB)
# Target spillway_websocket, alias spillway::websocket. DEPS are modules of ours and are the
# layering; LINKS are outside libraries.
function(spillway_library name)
  cmake_parse_arguments(A "" "" "SRCS;DEPS;LINKS" ${ARGN})
  add_library(spillway_${name} STATIC ${A_SRCS})
  add_library(spillway::${name} ALIAS spillway_${name})
  list(TRANSFORM A_DEPS PREPEND spillway::)
  target_include_directories(spillway_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(spillway_${name} PUBLIC spillway_options ${A_DEPS} ${A_LINKS})
endfunction()

# What every test file includes is read by the compiler once.
add_library(spillway_test_headers OBJECT ${PROJECT_SOURCE_DIR}/cmake/test_headers.cc)
target_link_libraries(spillway_test_headers PRIVATE spillway_options GTest::gtest GTest::gmock)
target_precompile_headers(spillway_test_headers PRIVATE
  <gmock/gmock.h> <gtest/gtest.h>
  <chrono> <functional> <map> <memory> <optional> <string> <variant> <vector>)
set_target_properties(spillway_test_headers PROPERTIES EXCLUDE_FROM_ALL ON)

# spillway_test(websocket SRCS frame_test.cc DEPS websocket LABEL unit)
# Executable websocket_test, found by ctest case by case. LABEL thread: also built for TSan.
function(spillway_test name)
  cmake_parse_arguments(A "" "LABEL" "SRCS;DEPS;LINKS" ${ARGN})
  if(NOT A_LABEL)
    set(A_LABEL unit)
  endif()
  add_executable(${name}_test ${A_SRCS})
  target_precompile_headers(${name}_test REUSE_FROM spillway_test_headers)
  # Each test file has helpers of its own in its anonymous namespace, under the same names.
  set_target_properties(${name}_test PROPERTIES UNITY_BUILD OFF)
  list(TRANSFORM A_DEPS PREPEND spillway::)
  target_link_libraries(${name}_test PRIVATE spillway_options ${A_DEPS} ${A_LINKS}
    GTest::gtest GTest::gmock GTest::gtest_main)
  gtest_discover_tests(${name}_test PROPERTIES LABELS ${A_LABEL} DISCOVERY_TIMEOUT 60)
  add_dependencies(spillway_tests ${name}_test)
  if(A_LABEL STREQUAL "thread")
    add_dependencies(spillway_thread_tests ${name}_test)
  endif()
endfunction()

# spillway_fuzz(frame_reader SRCS frame_reader_fuzz.cc DEPS websocket): corpus in
# tests/fuzz/corpus/frame_reader.
function(spillway_fuzz name)
  cmake_parse_arguments(A "" "" "SRCS;DEPS;LINKS" ${ARGN})
  if(NOT SPILLWAY_FUZZ)
    return()
  endif()
  add_executable(${name}_fuzz ${A_SRCS})
  list(TRANSFORM A_DEPS PREPEND spillway::)
  target_include_directories(${name}_fuzz PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
  target_link_libraries(${name}_fuzz PRIVATE spillway_options ${A_DEPS} ${A_LINKS})
  target_compile_options(${name}_fuzz PRIVATE -fsanitize=fuzzer)
  target_link_options(${name}_fuzz PRIVATE -fsanitize=fuzzer)
  add_dependencies(spillway_fuzzers ${name}_fuzz)
endfunction()

add_custom_target(spillway_tests)
add_custom_target(spillway_thread_tests)
add_custom_target(spillway_fuzzers)
