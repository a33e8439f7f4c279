# Sourced by ./dev: libFuzzer targets. Each has a corpus, and most a dictionary, in tests/fuzz.

fuzz_seconds=60
fuzz_targets=()

# parse_fuzz_arguments [--time DURATION] [TARGET...]
parse_fuzz_arguments() {
  while [[ $# -gt 0 ]]; do
    case $1 in
      --time)
        [[ ${2:-} =~ ^([0-9]+)(s|m|h)$ ]] || die "--time takes a duration such as 60s or 20m"
        local -A in_seconds=([s]=1 [m]=60 [h]=3600)
        fuzz_seconds=$((BASH_REMATCH[1] * in_seconds[${BASH_REMATCH[2]}]))
        shift 2
        ;;
      -*) die "unknown flag '$1'; ./dev fuzz takes --time DURATION and names of targets" ;;
      *)
        [[ -e tests/fuzz/$1_fuzz.cc ]] ||
          die "no fuzz target '$1'; there are: $(fuzz_target_names | tr '\n' ' ')"
        fuzz_targets+=("$1")
        shift
        ;;
    esac
  done
}

fuzz_target_names() {
  local source
  for source in tests/fuzz/*_fuzz.cc; do basename "$source" _fuzz.cc; done
}

command_fuzz() {
  parse_fuzz_arguments "$@"
  at_exit+=(print_totals)
  stage "installing Debian packages" install_packages build test
  stage "building fuzz" build fuzz spillway_fuzzers
  stage "fuzzing, $fuzz_seconds s each" run_fuzzers "$fuzz_seconds" "${fuzz_targets[@]}"
  all_passed
}

# run_fuzzers SECONDS [TARGET...]: as many at a time as there are cores.
run_fuzzers() {
  local seconds=$1 name names=("${@:2}")
  [[ ${#names[@]} -gt 0 ]] || mapfile -t names < <(fuzz_target_names)
  local -A fuzzers=()
  for name in "${names[@]}"; do
    while [[ $(jobs -rp | wc -l) -ge $jobs ]]; do wait -n || true; done
    run_fuzzer "$name" "$seconds" &
    fuzzers[$name]=$!
  done
  for name in "${!fuzzers[@]}"; do count_one "fuzz $name" wait "${fuzzers[$name]}"; done
}

run_fuzzer() {
  local name=$1 seconds=$2 found=build/fuzz/found/$1 dictionary=()
  if [[ -e tests/fuzz/dictionaries/$name.dict ]]; then
    dictionary=(-dict="tests/fuzz/dictionaries/$name.dict")
  fi
  mkdir -p "$found"
  # New inputs and crashes land in the first directory, never in the corpus of the repository.
  quietly "$found.log" "build/fuzz/tests/fuzz/${name}_fuzz" -max_total_time="$seconds" \
    -timeout=10 -rss_limit_mb=2048 -artifact_prefix="$found-" "${dictionary[@]}" "$found" \
    "tests/fuzz/corpus/$name" || return 1
  printf '%-16s %s\n' "$name" "$(grep -o 'Done .*' "$found.log" | tail -1)"
}
