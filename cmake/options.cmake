# What every target of ours is compiled with: language, warnings, sanitizers.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

add_library(spillway_options INTERFACE)
# hiredis' users are told to define it; a precompiled header is only good for all if all do.
target_compile_definitions(spillway_options INTERFACE _FILE_OFFSET_BITS=64)
target_compile_options(spillway_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Wcast-align
  -Woverloaded-virtual -Wnull-dereference -Wimplicit-fallthrough
  $<$<BOOL:${SPILLWAY_WERROR}>:-Werror>
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>)
# g++ 12 sees null dereferences and maybe-uninitialised values inside inlined std::variant and
# Boost code under optimisation and sanitizers; clang checks the same code without noise.
target_compile_options(spillway_options INTERFACE
  $<$<CXX_COMPILER_ID:GNU>:-Wno-null-dereference>
  $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
if(SPILLWAY_SANITIZE)
  # vptr: to look at an object it opens a pipe, and out of descriptors (which we test) it takes
  # every object for a broken one. null, alignment: a quarter of the time to compile; ASan sees a
  # null that is used, and where bytes are read as numbers it is done by memcpy.
  target_compile_options(spillway_options INTERFACE
    -fsanitize=${SPILLWAY_SANITIZE} -fno-sanitize=vptr,null,alignment -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  target_link_options(spillway_options INTERFACE -fsanitize=${SPILLWAY_SANITIZE})
endif()

execute_process(COMMAND git rev-parse --short=12 HEAD WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
  OUTPUT_VARIABLE SPILLWAY_COMMIT OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
