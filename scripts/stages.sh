# Sourced by ./dev: stages that say what they do and how long it took.

jobs=$(nproc)
current_stage=
stage_started=0

die() {
  printf './dev: %s\n' "$*" >&2
  exit 1
}

# stage NAME COMMAND...: runs the command; if it fails, the script ends and names the stage.
stage() {
  current_stage=$1
  stage_started=$SECONDS
  printf '==> %s …\n' "$1"
  shift
  "$@"
  printf '<== %s  %s\n' "$current_stage" "$(minutes $((SECONDS - stage_started)))"
  current_stage=
}

minutes() {
  printf '%dm%02ds' $(($1 / 60)) $(($1 % 60))
}

# quietly LOG COMMAND...: what it says is shown only if it fails.
quietly() {
  local log=$1
  shift
  mkdir -p "$(dirname "$log")"
  "$@" >"$log" 2>&1 || {
    cat "$log" >&2
    return 1
  }
}

# Everything that has to happen however the script ends, last added first.
at_exit=()

finish() {
  local status=$? i
  if [[ -n $current_stage ]]; then
    printf '<== %s FAILED  %s\n' "$current_stage" "$(minutes $((SECONDS - stage_started)))" >&2
  fi
  for ((i = ${#at_exit[@]} - 1; i >= 0; i--)); do "${at_exit[i]}"; done
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
