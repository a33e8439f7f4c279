// The engines of a run: threads of this process, or of worker processes where one process has too
// few descriptors.
#pragma once

#include <sys/types.h>

#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "load/board.h"
#include "load/options.h"

namespace spillway::load {

// Owned by the coordinator, who started no other thread before if there are several workers: they
// are forks of it, and die with it.
class Crew {
 public:
  // `options` and `board` outlive it. An Error where the balancer's name leads nowhere.
  static Result<Crew> start(const LoadOptions& options, const Board& board);
  Crew(Crew&&) = default;
  Crew& operator=(Crew&&) = delete;
  // Waits for all of them. REQUIRES that the board says that it is over.
  ~Crew();

  // Workers that ended before it was over: how. Empty: none.
  std::string casualties();

 private:
  Crew() = default;

  std::vector<std::thread> threads_;
  std::vector<pid_t> workers_;
};

}  // namespace spillway::load
