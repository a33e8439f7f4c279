# A fleet that grows, moves its viewers and shrinks again, within two minutes, on this machine
# alone: `up` with thresholds so low that a small load reaches them.

demo_fleet=(
  --server-rate-limit off --servers-max 3 --spawn-writes 12000 --spawn-busy 1
  --spawn-window 2s --spawn-pause 4s --redistribute-window 2s --shrink-after 8s
  --log-level info
)

run_demo() {
  local binary=build/release/spillway directory
  directory=$(mktemp -d)
  demo_up=
  # Whatever ends this ends what it started, and waits for it.
  trap 'end_demo "'"$directory"'"' EXIT
  trap 'exit 130' INT TERM
  "$binary" up "${demo_fleet[@]}" >"$directory/up" 2> >(demo_decisions) &
  demo_up=$!
  demo_url=$(until_ready "$directory/up")
  note "the fleet is up; its state is at $demo_url/redis-stats"
  "$binary" load --balancer "$demo_url" --scenario scenarios/demo.toml 2>&1 | sed -u 's/^/  load: /'
  note "the load is gone: the fleet shrinks to one server"
  # Two drains, one after the other; the limit is far above what they take.
  timeout 60 sh -c "until [ \"\$(curl -s '$demo_url/metrics' | sed -n 's/^spillway_servers //p')\" = 1 ]; do sleep 0.5; done" ||
    die "the fleet did not shrink within a minute; $directory/up says what it did"
  note "one server is left; that was all"
}

# The balancer's decisions, out of its log.
demo_decisions() {
  sed -u -n -E 's/.*(spawn|redistribute|shrink|heal|server started|drain)/  fleet: \1/p' >&2
}

until_ready() {
  timeout 15 sh -c "until grep -q '^ready' '$1'; do sleep 0.1; done" || die "spillway up did not start: $(cat "$1")"
  sed -n -E 's/^balancer +([^ ]+).*/\1/p' "$1"
}

end_demo() {
  if [[ -n $demo_up ]] && kill -0 "$demo_up" 2>/dev/null; then
    kill -INT "$demo_up"
    wait "$demo_up" || true
  fi
  rm -rf "$1"
}
