// Finds a master by asking Sentinels in turn, and goes on asking whether it still is the master.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "redis/reply.h"
#include "redis/url.h"

namespace spillway::redis {

// Sans-I/O; time is passed in. Owned by a SentinelLink. What happened goes in, what is to be done
// comes out. Talks with one Sentinel at a time, and each search asks each of them once. After a
// master was named the same Sentinel is asked once a second; if it goes, the next one. So another
// master is noticed although the connection to the old one lives, as in a network that fell apart.
class SentinelSearch {
 public:
  // One Sentinel's, from its name to its answer.
  static constexpr std::chrono::milliseconds kAnswerTimeout{1000};
  static constexpr std::chrono::milliseconds kAskEvery{1000};

  struct Nothing {};
  struct Close {};  // forget the connection; the next one comes with Open
  struct Open {     // connect, and forget the connection before
    HostPort to;
  };
  struct Write {
    std::string bytes;
  };
  struct Named {  // the master: the first answer of a search, or another than before
    HostPort master;
  };
  struct NotFound {  // the search is over
    Error why;
  };
  using Step = std::variant<Nothing, Close, Open, Write, Named, NotFound>;

  // REQUIRES url.kind == kSentinel. Its user and password are the master's; a Sentinel that asks
  // for a login gets them too.
  explicit SentinelSearch(const Url& url);

  // Anew, with the Sentinel that answered last.
  Step begin(TimePoint now);
  // Who was named turned out to be none: the next search asks another Sentinel first.
  void distrust();

  Step opened();
  Step receive(const Reply& reply, TimePoint now);
  // The connection could not be made, or broke.
  Step failed(const Error& why, TimePoint now);
  Step tick(TimePoint now);
  // When to call tick() next.
  TimePoint next_deadline() const { return deadline_; }

 private:
  enum class State { kIdle, kOpening, kLoggingIn, kAsking, kResting };

  Step open(TimePoint now);
  Step named(const ReplyView& reply, TimePoint now);
  void next() { at_ = (at_ + 1) % sentinels_.size(); }
  std::string question() const;
  Error nobody() const;

  const std::vector<HostPort> sentinels_;
  const std::string master_name_;
  const std::string user_;
  const std::string password_;
  State state_ = State::kIdle;
  bool open_ = false;         // there is a connection to ask on
  bool login_tried_ = false;  // on it
  std::size_t at_ = 0;
  std::vector<std::string> reasons_;  // of this search: why each of them was no use
  std::optional<HostPort> master_;    // as last named
  TimePoint deadline_ = TimePoint::max();
};

}  // namespace spillway::redis
