// Compiled where web/app was not built: see cmake/web_files.cmake.
#include "balancer/web_file.h"

namespace spillway::balancer {

std::span<const WebFile> web_files() { return {}; }

}  // namespace spillway::balancer
