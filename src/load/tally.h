// What one engine counts and others read while it counts.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/clock.h"
#include "base/terminal_text.h"
#include "load/histogram.h"
#include "load/metric.h"

namespace spillway::load {

// A number with one writer. Readers may be in another process: it lies in shared memory.
class Count {
 public:
  void add(std::uint64_t more) { set(get() + more); }
  void set(std::uint64_t value) { value_.store(value, std::memory_order_relaxed); }
  std::uint64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_;
  static_assert(std::atomic<std::uint64_t>::is_always_lock_free);
};

// A text that is written once; longer ones are cut, between two characters.
template <std::size_t kBytes>
class SharedText {
 public:
  void set(std::string_view text) {
    if (!empty() || text.empty()) return;
    std::size_t bytes = std::min(text.size(), kBytes);
    const auto within_character = [text](std::size_t at) {
      return at > 0 && at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80;
    };
    while (within_character(bytes)) --bytes;
    std::memcpy(text_.data(), text.data(), bytes);
    bytes_.store(bytes, std::memory_order_release);
  }
  bool empty() const { return bytes_.load(std::memory_order_relaxed) == 0; }
  std::string_view get() const { return {text_.data(), bytes_.load(std::memory_order_acquire)}; }

 private:
  std::array<char, kBytes> text_{};
  std::atomic<std::size_t> bytes_;
};

class SharedHistogram {
 public:
  void record(Duration took) {
    buckets_[Histogram::bucket_of(took)].add(1);
    const auto ns = static_cast<std::uint64_t>(std::max(took, Duration::zero()).count());
    if (ns > longest_.get()) longest_.set(ns);
  }
  void add_to(Histogram& sum) const {
    for (std::size_t i = 0; i < Histogram::kBuckets; ++i) {
      if (const std::uint64_t times = buckets_[i].get(); times > 0) sum.add(i, times);
    }
    sum.reach(Duration(static_cast<Duration::rep>(longest_.get())));
  }

 private:
  std::array<Count, Histogram::kBuckets> buckets_;
  Count longest_;
};

// Viewers of this engine at one server.
struct ServerShare {
  SharedText<120> url;
  Count viewers;
};

// Lives on a Board; written by the thread of one engine alone.
struct Tally {
  static constexpr std::size_t kServersMax = 64;  // further ones count with the last

  std::array<Count, kMetrics> counts;
  SharedHistogram latency;             // from due to received, of what was due in the window
  SharedHistogram catch_up;            // after a lost connection, from the next one's begin
  SharedHistogram pause;               // the longest without anything new in a hand-over
  SharedHistogram lateness;            // of sending, behind the moment it was due; of the same
  Count watching;                      // viewers that are in a room now
  Count missing;                       // messages that they should have and have not
  Count unanswered;                    // chats that wait for their ack
  Count cpu_ns;                        // of the engine's thread
  std::atomic<std::uint64_t> drained;  // how often the four above were set since draining began
  std::array<ServerShare, kServersMax> servers;
  SharedText<240> problem;  // the first

  void add(Metric metric, std::uint64_t more = 1) {
    counts[static_cast<std::size_t>(metric)].add(more);
  }
  // Something went wrong, in the words of whoever said so: a server's end on our user's terminal.
  void note(std::string_view what) {
    if (problem.empty()) problem.set(harmless(what));
  }
  std::uint64_t get(Metric metric) const { return counts[static_cast<std::size_t>(metric)].get(); }
};

}  // namespace spillway::load
