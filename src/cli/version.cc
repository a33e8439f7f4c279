#include "cli/version.h"

namespace spillway::cli {

std::string version_line() {
  // Both come from CMake; only this file is compiled again when the commit changes.
  return "spillway " SPILLWAY_VERSION " (" SPILLWAY_COMMIT ")";
}

std::string commit() { return SPILLWAY_COMMIT; }

}  // namespace spillway::cli
