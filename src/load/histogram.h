// How long many things took: counts in log-linear buckets, whose memory does not grow.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/clock.h"

namespace spillway::load {

// Every power of two is cut into 128 buckets, so what is read back is at most 0.8 % too long.
// Exact below 256 ns; what takes longer than 18 minutes counts as that long (the maximum is exact).
// Owned by one thread.
class Histogram {
 public:
  static constexpr unsigned kBucketBits = 7;  // 128 buckets an octave
  static constexpr unsigned kValueBits = 40;  // of nanoseconds
  static constexpr std::size_t kBuckets = (kValueBits - kBucketBits + 1) << kBucketBits;

  // A negative duration counts as none: clocks of two machines differ.
  void record(Duration took, std::uint64_t times = 1);

  // For those who keep their buckets elsewhere (tally.h): where a duration counts, and taking over
  // a bucket and the longest duration.
  static std::size_t bucket_of(Duration took);
  static Duration longest_in(std::size_t bucket);
  void add(std::size_t bucket, std::uint64_t times);
  void reach(Duration longest);

  // What was recorded since `earlier`, a former state of the same histogram. The longest duration
  // is then only known to its bucket.
  Histogram since(const Histogram& earlier) const;

  std::uint64_t count() const { return count_; }
  Duration max() const { return Duration(max_); }
  std::uint64_t count_in(std::size_t bucket) const { return buckets_[bucket]; }

  // The duration that this share of all did not exceed; none took any time if there are none.
  // REQUIRES 0 <= share <= 1.
  Duration percentile(double share) const;

 private:
  std::array<std::uint64_t, kBuckets> buckets_{};
  std::uint64_t count_ = 0;
  Duration::rep max_ = 0;
};

}  // namespace spillway::load
