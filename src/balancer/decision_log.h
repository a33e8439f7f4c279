// What was decided and why, for people: the list that the API and the monitor show.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace spillway::balancer {

struct DecisionEntry {
  std::int64_t at_ms = 0;  // since 1970, by our clock
  std::string what;        // "spawn", "redistribute", "shrink", "heal", "remove", "create", "drain"
  std::string why;         // a sentence
  std::vector<std::pair<std::string, double>> numbers;
};

// Owned by the Balancer, on its loop. Bounded: the newest kEntriesMax.
class DecisionLog {
 public:
  static constexpr std::size_t kEntriesMax = 100;

  void add(DecisionEntry entry) {
    if (entries_.size() == kEntriesMax) entries_.pop_front();
    entries_.push_back(std::move(entry));
    ++added_;
  }
  const std::deque<DecisionEntry>& entries() const { return entries_; }
  std::uint64_t added() const { return added_; }  // ever

 private:
  std::deque<DecisionEntry> entries_;  // oldest first
  std::uint64_t added_ = 0;
};

}  // namespace spillway::balancer
