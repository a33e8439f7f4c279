# Sourced by ./dev: how much of what reads bytes from outside is reached by unit tests and corpora.

coverage_modules=(websocket protocol redis)
coverage_tests=(websocket_test websocket_memory_test protocol_test redis_test)
coverage_fuzzers=(frame_reader deflate handshake client_message server_message batch control resp)
coverage_percent_min=95

command_coverage() {
  [[ $# -eq 0 ]] || die "./dev coverage takes no arguments"
  stage "installing Debian packages" install_packages build test coverage
  stage "building coverage" build coverage "${coverage_tests[@]}" \
    "${coverage_fuzzers[@]/%/_fuzz}"
  stage "running tests and corpora" run_for_coverage
  stage "adding up" report_coverage
}

run_for_coverage() {
  local name raw=$PWD/build/coverage/raw
  rm -rf "$raw"
  mkdir -p "$raw"
  for name in "${coverage_tests[@]}"; do
    LLVM_PROFILE_FILE=$raw/$name.profraw quietly "$raw/$name.log" \
      "$(find build/coverage -name "$name" -type f)" --gtest_brief=1
  done
  for name in "${coverage_fuzzers[@]}"; do
    LLVM_PROFILE_FILE=$raw/$name.profraw quietly "$raw/$name.log" \
      "build/coverage/tests/fuzz/${name}_fuzz" -runs=0 "tests/fuzz/corpus/$name"
  done
}

# Drivers have sockets and are tested against a real Redis, so they are not in the sum.
report_coverage() {
  local raw=build/coverage/raw name binaries=()
  llvm-profdata merge -o "$raw/all.profdata" "$raw"/*.profraw
  for name in "${coverage_tests[@]}" "${coverage_fuzzers[@]/%/_fuzz}"; do
    binaries+=(-object "$(find build/coverage -name "$name" -type f)")
  done
  llvm-cov export -summary-only -instr-profile "$raw/all.profdata" "${binaries[@]}" \
    >build/coverage/summary.json
  python3 scripts/coverage.py build/coverage/summary.json "$coverage_percent_min" \
    "${coverage_modules[@]}"
}
