// Embedded in every class that belongs to one loop; it must be constructed on that loop's thread.
#pragma once

#include <thread>

#include "base/check.h"

namespace spillway {

class LoopAffinity {
 public:
  void check() const { CHECK(owner_ == std::this_thread::get_id()); }

 private:
  std::thread::id owner_ = std::this_thread::get_id();
};

}  // namespace spillway
