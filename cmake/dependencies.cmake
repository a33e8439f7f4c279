# Everything here is a Debian 12 package; the reasons are in docs/decisions/.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(simdjson REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(ZLIB REQUIRED)
find_package(GTest REQUIRED)
find_package(benchmark REQUIRED)
find_package(CLI11 REQUIRED)
pkg_check_modules(HIREDIS REQUIRED IMPORTED_TARGET hiredis)
pkg_check_modules(LIBURING REQUIRED IMPORTED_TARGET liburing)

set(Boost_NO_WARN_NEW_VERSIONS ON)
find_package(Boost 1.81 REQUIRED)

# Asio and Beast are compiled once, here, instead of in every file that includes them.
add_library(spillway_asio STATIC ${PROJECT_SOURCE_DIR}/cmake/asio.cc)
target_compile_definitions(spillway_asio PUBLIC
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED)
target_include_directories(spillway_asio SYSTEM PUBLIC ${Boost_INCLUDE_DIRS})
target_link_libraries(spillway_asio PUBLIC Threads::Threads OpenSSL::SSL OpenSSL::Crypto)
if(SPILLWAY_SANITIZE)
  # vptr: as in options.cmake.
  target_compile_options(spillway_asio PRIVATE
    -fsanitize=${SPILLWAY_SANITIZE} -fno-sanitize=vptr -fno-sanitize-recover=all)
endif()
if(SPILLWAY_SANITIZE STREQUAL "thread")
  # The thread sanitizer does not know fences. Asio's mutexes order the same things.
  target_compile_definitions(spillway_asio PUBLIC BOOST_ASIO_DISABLE_FENCED_BLOCK)
endif()
