# Sourced by ./dev: CMake and Ninja.

# build PRESET [TARGET...]: the targets, or all of them.
build() {
  local preset=$1
  shift
  quietly "build/$preset/configure.log" cmake --preset "$preset"
  local quiet=()
  [[ -t 1 ]] || quiet=(--quiet)
  ninja -C "build/$preset" -j "$jobs" "${quiet[@]}" "$@"
}
