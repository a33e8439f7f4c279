// What a process on this machine has used, ours or another.
#pragma once

#include <sys/types.h>

#include <cstdint>

#include "base/clock.h"
#include "base/result.h"

namespace spillway::load {

// Processor time of all its threads so far. Exact, unlike /proc/PID/stat, which counts ticks of
// 10 ms.
Result<Duration> cpu_time(pid_t pid);

// Memory that is resident, from /proc/PID/smaps_rollup.
Result<std::uint64_t> resident_bytes(pid_t pid);

}  // namespace spillway::load
