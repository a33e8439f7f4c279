# Sourced by ./dev: rounds of chaos, as many as asked for.

command_chaos() {
  local rounds=20 seed= sentinel=
  while [[ $# -gt 0 ]]; do
    case $1 in
      --rounds | --seed)
        [[ ${2:-} =~ ^[0-9]{1,9}$ ]] || die "$1 takes a whole number, as in: ./dev chaos --rounds 20 --seed 7"
        if [[ $1 == --rounds ]]; then rounds=$2; else seed=$2; fi
        shift 2
        ;;
      --sentinel)
        sentinel=1
        shift
        ;;
      *) die "unknown argument '$1'; usage: ./dev chaos [--rounds N] [--seed S] [--sentinel]" ;;
    esac
  done
  stage "installing Debian packages" install_packages build run
  stage "installing Node.js" install_node
  stage "installing npm packages" install_npm_packages
  # A binary that somebody names is taken as it is: a sanitizer's, or that of another release.
  [[ -n ${SPILLWAY_BIN:-} ]] || stage "building release" build release spillway
  stage "$rounds rounds of chaos" env SPILLWAY_CHAOS_ROUNDS="$rounds" SPILLWAY_CHAOS_SEED="$seed" \
    SPILLWAY_CHAOS_SENTINEL="$sentinel" npm run --silent test:chaos -- rounds
}
