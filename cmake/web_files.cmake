# The web pages become a source file of the balancer, so that one binary holds everything. What
# web/app/pack.mjs wrote is taken as it is at each build, whether it came before or after CMake was
# configured; without it spillway is built without its pages, and says so where they would be.
set(SPILLWAY_WEB_FILES ${PROJECT_BINARY_DIR}/web_files.cc)

# Its output is never made, so that the command runs each time; Ninja looks at a byproduct again,
# and what was left as it was compiles nothing.
add_custom_command(
  OUTPUT ${PROJECT_BINARY_DIR}/web_files.always
  BYPRODUCTS ${SPILLWAY_WEB_FILES}
  COMMAND ${CMAKE_COMMAND}
    -D PACKED=${PROJECT_SOURCE_DIR}/web/app/dist/web_files.cc
    -D NONE=${PROJECT_SOURCE_DIR}/src/balancer/no_web_files.cc
    -D TARGET=${SPILLWAY_WEB_FILES}
    -P ${PROJECT_SOURCE_DIR}/cmake/take_web_files.cmake
  COMMENT "Taking the web pages"
  VERBATIM)
set_source_files_properties(${PROJECT_BINARY_DIR}/web_files.always PROPERTIES SYMBOLIC ON)
add_custom_target(spillway_web_files DEPENDS ${PROJECT_BINARY_DIR}/web_files.always)

# Its strings are longer than compilers have to understand; all of ours do.
set_source_files_properties(${SPILLWAY_WEB_FILES} PROPERTIES
  SKIP_UNITY_BUILD_INCLUSION ON COMPILE_OPTIONS "-Wno-overlength-strings")
