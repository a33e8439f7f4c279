#include "load/machine.h"

#include <sys/utsname.h>

#include <fstream>
#include <thread>

namespace spillway::load {
namespace {

std::string cpu_model() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown";
}

}  // namespace

Machine this_machine() {
  utsname name{};
  uname(&name);
  return {cpu_model(), std::thread::hardware_concurrency(), name.release};
}

}  // namespace spillway::load
