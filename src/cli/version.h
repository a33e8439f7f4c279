#pragma once

#include <string>

namespace spillway::cli {

// `spillway 0.1.0 (<commit>)`
std::string version_line();
// The commit alone.
std::string commit();

}  // namespace spillway::cli
