# Sourced by ./dev: CMake and Ninja, and the web pages that the binary holds.

packed_pages=web/app/dist/web_files.cc

# Vite takes seconds: only when something that the pages are made of is newer than they are.
build_pages() {
  if [[ -e $packed_pages && -z $(find web/app web/sdk/src package-lock.json -newer "$packed_pages" \
    -not -path 'web/app/dist*' -not -path '*/node_modules*' -print -quit) ]]; then
    return 0
  fi
  quietly build/pages.log npm run --silent build --workspace @spillway/app ||
    die "the web pages cannot be built: see above"
}

# What every build of a program that serves needs, before it.
prepare_pages() {
  stage "installing Node.js" install_node
  stage "installing npm packages" install_npm_packages
  stage "building the web pages" build_pages
}

# build PRESET [TARGET...]: the targets, or all of them.
build() {
  local preset=$1
  shift
  quietly "build/$preset/configure.log" cmake --preset "$preset"
  local quiet=()
  [[ -t 1 ]] || quiet=(--quiet)
  ninja -C "build/$preset" -j "$jobs" "${quiet[@]}" "$@"
}
