# Sourced by ./dev: a fleet that grows, moves its viewers and shrinks again, within two minutes and
# on this machine alone: `up` with thresholds so low that a small load reaches them.

demo_fleet=(
  --port 0 --server-port 0 --server-rate-limit off --servers-max 3 --log-level info
  --spawn-writes 12000 --spawn-busy 1 --spawn-window 2s --spawn-pause 4s
  --redistribute-window 2s --shrink-after 8s
)
demo_up=
demo_directory=

run_demo() {
  demo_directory=$(mktemp -d)
  at_exit+=(end_demo)
  local said=$demo_directory/said log=$demo_directory/log url
  build/release/spillway up "${demo_fleet[@]}" >"$said" 2> >(tee "$log" | demo_decisions) &
  demo_up=$!
  demo_wait 15 grep -q '^ready' "$said"
  url=$(sed -n -E 's/^balancer +([^ ]+).*/\1/p' "$said")
  printf '  one server; watch it on %s/monitor\n' "$url"
  build/release/spillway load --balancer "$url" --scenario scenarios/demo.toml 2>&1 |
    sed -u 's/^/  load:  /'
  printf '  the viewers are gone: the fleet goes back to one server\n'
  demo_wait 60 demo_has_shrunk "$log"
}

# The balancer's decisions, as it logs them.
demo_decisions() {
  sed -u -n -E 's/.* info (spawn|redistribute|shrink) why="([^"]*)".*/  fleet: \1: \2/p'
}

demo_has_shrunk() {
  [[ $(grep -c ' info shrink ' "$1") -ge $(grep -c ' info spawn ' "$1") ]]
}

# demo_wait SECONDS COMMAND...: until it succeeds.
demo_wait() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    kill -0 "$demo_up" 2>/dev/null || die "spillway up ended: $(tail -n 3 "$demo_directory/log")"
    [[ $SECONDS -lt $end ]] || die "the demo is stuck; its fleet said: $(tail -n 3 "$demo_directory/log")"
    sleep 0.2
  done
}

# Ends what it started, and nothing else.
end_demo() {
  if [[ -n $demo_up ]] && kill -INT "$demo_up" 2>/dev/null; then wait "$demo_up" || true; fi
  rm -rf "$demo_directory"
}
