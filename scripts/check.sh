# Sourced by ./dev: what is checked without running anything.

command_check() {
  [[ $# -eq 0 ]] || die "./dev check takes no arguments"
  stage "installing Debian packages" install_packages build check
  stage "installing Node.js" install_node
  stage "installing npm packages" install_npm_packages
  stage "checking the format of C++" format_cpp --dry-run -Werror
  stage "checking the include layering" python3 cmake/check_layering.py
  stage "checking the format of TypeScript" npx --no-install prettier --check --log-level warn .
  stage "checking TypeScript with oxlint" npm run --silent lint
  stage "checking TypeScript's types" npm run --silent typecheck
  stage "checking C++ with clang-tidy" python3 scripts/clang_tidy.py
}

format_cpp() {
  find cmake src tests -name node_modules -prune -o \( -name '*.cc' -o -name '*.h' \) -print0 |
    xargs -0 -r -n 32 -P "$jobs" clang-format "$@"
}
