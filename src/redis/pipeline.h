// The commands of one connection: which wait, which are in flight, whose answer comes next.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "redis/command.h"
#include "redis/reply.h"

namespace spillway::redis {

enum class Fate {
  kAnswered,   // by Redis, which may have said no: see Reply::is_error
  kUnknown,    // written, but the connection died or the deadline passed before the answer
  kNeverSent,  // never handed to the socket: Redis did not execute it
};

struct Answer {
  Fate fate = Fate::kNeverSent;
  Reply reply;  // only if kAnswered
};
using OnAnswer = std::function<void(Answer)>;

// Sans-I/O; time is passed in. Owned by a Client, on its loop. Redis answers strictly in order, so
// the oldest command in flight is the one that a reply belongs to. Bounded by `bytes_max`: the
// bytes of all commands without an answer, with something for the bookkeeping of each.
class Pipeline {
 public:
  explicit Pipeline(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  // False: full, nothing was taken.
  [[nodiscard]] bool push(const Command& command, OnAnswer on_answer, TimePoint deadline);

  // Appends the bytes of all waiting commands to `out`. From now on their fate is the socket's.
  void take(std::string& out);

  // Whose answer the next reply is; the command is then over. Nullopt: nobody asked.
  std::optional<OnAnswer> match();

  // When to call expired() next; TimePoint::max() if nothing waits for an answer.
  TimePoint next_deadline() const { return earliest_; }

  // Whether a command missed its deadline. Then the connection must be given up: later replies
  // could not be told from the late one.
  bool expired(TimePoint now);

  struct Lost {
    OnAnswer on_answer;
    Fate fate;  // kUnknown or kNeverSent
  };
  // The connection is gone: all commands without an answer, oldest first. Empty afterwards.
  std::vector<Lost> lose();

  std::size_t bytes() const { return bytes_; }

 private:
  struct Entry {
    OnAnswer on_answer;
    TimePoint deadline;
    std::size_t bytes;  // what it counts towards the bound
  };

  const std::size_t bytes_max_;
  std::deque<Entry> entries_;  // in the order of sending: first those in flight, then those waiting
  std::size_t in_flight_ = 0;  // how many of the first were handed to the socket
  std::string waiting_;        // the RESP of the others
  std::size_t bytes_ = 0;      // the sum over `entries_`
  TimePoint earliest_ = TimePoint::max();  // not later than any deadline; exact after expired()
};

}  // namespace spillway::redis
