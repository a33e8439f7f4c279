#include "load/process_meter.h"

#include <fmt/format.h>

#include <cstring>
#include <ctime>
#include <fstream>
#include <string>

namespace spillway::load {

Result<Duration> cpu_time(pid_t pid) {
  clockid_t clock{};
  timespec used{};
  if (const int error = clock_getcpuclockid(pid, &clock); error != 0) {
    return Error{fmt::format("process {}: {}", pid, std::strerror(error))};
  }
  if (clock_gettime(clock, &used) != 0) return Error{fmt::format("process {} is gone", pid)};
  return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

Result<std::uint64_t> resident_bytes(pid_t pid) {
  std::ifstream file(fmt::format("/proc/{}/smaps_rollup", pid));
  for (std::string word; file >> word;) {
    std::uint64_t kib = 0;
    if (word == "Rss:" && file >> kib) return kib * 1024;
  }
  return Error{fmt::format("the memory of process {} cannot be read", pid)};
}

}  // namespace spillway::load
