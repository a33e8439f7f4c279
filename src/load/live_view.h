// What a person sees while a load runs.
#pragma once

#include <cstddef>
#include <string>

#include "load/options.h"
#include "load/run.h"

namespace spillway::load {

// Several lines for a terminal of that many columns, each ended by a newline, without escapes.
std::string live_view(const LoadOptions& options, const Progress& progress, std::size_t columns);

// One line without a newline, for a log.
std::string progress_line(const LoadOptions& options, const Progress& progress);

}  // namespace spillway::load
