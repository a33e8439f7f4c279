// What a measurement was made on.
#pragma once

#include <string>

namespace spillway::load {

struct Machine {
  std::string cpu;  // its model
  unsigned cores = 0;
  std::string kernel;
};

Machine this_machine();

}  // namespace spillway::load
