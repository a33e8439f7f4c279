# Sourced by ./dev: every suite, and one line at the end that adds them up.

passed=0
failures=() # what failed, a line each

# What stands in both: a report names where, a finding ends the process.
export ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1:abort_on_error=0
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1

command_test() {
  local part parts=("$@") all_parts="unit web integration browser conformance chaos fuzz tsan bench"
  for part in "$@"; do
    [[ " $all_parts " == *" $part "* ]] ||
      die "unknown part '$part'; ./dev test takes any of: $all_parts"
  done
  [[ ${#parts[@]} -gt 0 ]] || read -ra parts <<<"$all_parts"
  at_exit+=(print_totals)
  stage "installing Debian packages" install_packages build run test
  if [[ " ${parts[*]} " =~ " web "|" integration "|" browser "|" conformance "|" chaos "|" tsan "|" bench " ]]; then
    prepare_pages
  fi
  for part in "${parts[@]}"; do "test_$part"; done
  all_passed
}

all_passed() {
  [[ ${#failures[@]} -eq 0 && $passed -gt 0 ]]
}

# What failed is said once more: its own output is thousands of lines further up. A stage that broke
# off before it could count, such as a build, is one failure.
print_totals() {
  if [[ -n $current_stage ]]; then failures+=("$current_stage"); fi
  if [[ ${#failures[@]} -gt 0 ]]; then printf 'FAILED %s\n' "${failures[@]}"; fi
  printf '%d passed, %d failed\n' "$passed" "${#failures[@]}"
}

# count SUITE STATUS REPORT: adds what the report holds. A suite that says it failed and reports no
# failed test, or that ran no test, is one failure.
count() {
  local suite=$1 status=$2 report=$3 lines suite_passed suite_failures
  mapfile -t lines < <(python3 scripts/count_tests.py "$report")
  suite_passed=${lines[0]} suite_failures=("${lines[@]:1}")
  if [[ ${#suite_failures[@]} -eq 0 && ($status -ne 0 || $suite_passed -eq 0) ]]; then
    suite_failures=("no test, or a failure outside of any (status $status)")
  fi
  passed=$((passed + suite_passed))
  failures+=("${suite_failures[@]/#/$suite: }")
  printf '%s: %d passed, %d failed\n' "$suite" "$suite_passed" "${#suite_failures[@]}"
}

# count_one NAME COMMAND...: a program that is one test.
count_one() {
  local name=$1
  shift
  if "$@"; then
    passed=$((passed + 1))
  else
    failures+=("$name")
  fi
}

# Benchmarks and clients for tests are of the release.
build_asan() {
  build asan spillway spillway_tests
}

test_unit() {
  stage "building asan" build_asan
  stage "unit tests, asan" run_ctest asan -LE bench
}

test_web() {
  # The pages are built already, for the program: see prepare_pages.
  stage "building the SDK" npm run --silent build --workspace @spillway/client
  stage "size of what is built for the web" count_one check:web npm run --silent check:web
  stage "unit tests, web" run_web_tests
}

# Unit tests run once, under the sanitizers: of the release only what the other tests need is built.
build_release() {
  build release spillway spillway_bench spillway_microbench beast_client
}

test_integration() {
  stage "building release" build_release
  stage "TypeScript's types" count_one typecheck npm run --silent typecheck
  stage "integration tests, release" run_vitest integration release 1
  stage "building asan" build_asan
  # What one writer of flushes passes with the release, the other passes here.
  SPILLWAY_TEST_IO=send stage "integration tests, asan" run_vitest integration asan 4
}

# The pages in a browser, against a system that is killed under them.
test_browser() {
  stage "building release" build_release
  stage "browser tests" run_vitest browser release 1
}

# Once, under the sanitizers: much of what it sends is hostile, and a release answers no differently.
test_conformance() {
  stage "building asan" build_asan
  stage "conformance tests, asan" run_vitest conformance asan 4
}

# The suite's own judge, plan and proxy, and a few rounds; more of them are ./dev chaos.
test_chaos() {
  stage "building release" build_release
  stage "chaos" run_vitest chaos release 2
}

# Under TSan only what has threads: the tests labelled so, and servers of several loops.
test_tsan() {
  stage "building tsan" build tsan spillway_thread_tests spillway
  stage "thread tests, tsan" run_ctest tsan -L thread
  stage "integration tests, tsan" run_vitest integration tsan 6 listen order redis_outage register resume
}

test_fuzz() {
  stage "building fuzz" build fuzz spillway_fuzzers
  stage "fuzzing, 3 s each" run_fuzzers 3
}

test_bench() {
  stage "building release" build_release
  stage "benchmarks, smoke" count_one "tests/bench/run.mjs --smoke" node tests/bench/run.mjs --smoke
  stage "balancer benchmark, smoke" count_one "tests/bench/balancer.mjs --smoke" \
    node tests/bench/balancer.mjs --smoke
  stage "benchmark of returns, smoke" count_one "tests/bench/resume.mjs --smoke" \
    node tests/bench/resume.mjs --smoke
  local page
  for page in chat_page monitor_cost; do
    stage "cost of a page, smoke" count_one "tests/bench/$page.mjs --smoke" \
      node "tests/bench/$page.mjs" --smoke
  done
}

run_ctest() {
  local preset=$1 status=0 report=$PWD/build/$1/ctest.xml
  shift
  rm -f "$report"
  ctest --test-dir "build/$preset" --parallel "$jobs" --timeout 120 --no-tests=error \
    --output-on-failure --progress --output-junit "$report" "$@" || status=$?
  count "ctest, $preset" "$status" "$report"
}

run_web_tests() {
  local workspace status report
  for workspace in client app; do
    status=0 report=build/web_$workspace.json
    rm -f "$report"
    npm run --silent test --workspace "@spillway/$workspace" || status=$?
    count "web, $workspace" "$status" "$report"
  done
}

# run_vitest SUITE PRESET SLOWNESS [FILE...]: files by a part of their name.
run_vitest() {
  local suite=$1 preset=$2 slowness=$3 status=0 report=build/$1.json
  shift 3
  rm -f "$report"
  SPILLWAY_BIN=build/$preset/spillway SPILLWAY_TEST_SLOWNESS=$slowness \
    npm run --silent "test:$suite" -- "$@" || status=$?
  count "$suite, $preset" "$status" "$report"
}
