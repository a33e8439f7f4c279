#include "load/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/check.h"

namespace spillway::load {

static_assert(std::is_same_v<Duration::period, std::nano>, "buckets are of nanoseconds");

// Below 2^(kBucketBits + 1) a bucket holds one value; above, as many as its octave is shifted by.
std::size_t Histogram::bucket_of(std::uint64_t value) {
  const auto width = static_cast<unsigned>(std::bit_width(value));
  const unsigned shift = width > kBucketBits + 1 ? width - (kBucketBits + 1) : 0;
  return (static_cast<std::size_t>(shift) << kBucketBits) + (value >> shift);
}

std::uint64_t Histogram::longest_in(std::size_t bucket) {
  const std::size_t octave = bucket >> kBucketBits;
  const std::size_t shift = octave > 1 ? octave - 1 : 0;
  return ((bucket - (shift << kBucketBits) + 1) << shift) - 1;
}

void Histogram::record(Duration took, std::uint64_t times) {
  constexpr Duration::rep kLongest = (Duration::rep{1} << kValueBits) - 1;
  const Duration::rep value = std::max<Duration::rep>(took.count(), 0);
  buckets_[bucket_of(static_cast<std::uint64_t>(std::min(value, kLongest)))] += times;
  count_ += times;
  max_ = std::max(max_, value);
}

void Histogram::merge(const Histogram& other) {
  for (std::size_t i = 0; i < kBuckets; ++i) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  max_ = std::max(max_, other.max_);
}

Duration Histogram::percentile(double share) const {
  CHECK(share >= 0 && share <= 1);
  const auto rank = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    seen += buckets_[i];
    if (seen >= std::max<std::uint64_t>(rank, 1)) {
      return std::min(Duration(static_cast<Duration::rep>(longest_in(i))), max());
    }
  }
  return max();
}

}  // namespace spillway::load
