// The engines of a run: threads of this process, or of worker processes where one process has too
// few descriptors.
#pragma once

#include <sys/types.h>

#include <string>
#include <thread>
#include <vector>

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
  // Says on the board that it is over, and waits for all of them.
  ~Crew();

  // Workers that ended before it was over: how. Empty: none.
  std::string casualties();

 private:
  explicit Crew(const Board& board) : board_(board) {}

  const Board& board_;
  std::vector<std::thread> threads_;
  std::vector<pid_t> workers_;
};

}  // namespace spillway::load
