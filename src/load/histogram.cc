#include "load/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/check.h"

namespace spillway::load {

static_assert(std::is_same_v<Duration::period, std::nano>, "buckets are of nanoseconds");

// Below 2^(kBucketBits + 1) a bucket holds one value; above, as many as its octave is shifted by.
std::size_t Histogram::bucket_of(Duration took) {
  constexpr Duration::rep kLongest = (Duration::rep{1} << kValueBits) - 1;
  const auto value =
      static_cast<std::uint64_t>(std::clamp<Duration::rep>(took.count(), 0, kLongest));
  const auto width = static_cast<unsigned>(std::bit_width(value));
  const unsigned shift = width > kBucketBits + 1 ? width - (kBucketBits + 1) : 0;
  return (static_cast<std::size_t>(shift) << kBucketBits) + (value >> shift);
}

Duration Histogram::longest_in(std::size_t bucket) {
  const std::size_t octave = bucket >> kBucketBits;
  const std::size_t shift = octave > 1 ? octave - 1 : 0;
  const std::uint64_t next = (bucket - (shift << kBucketBits) + 1) << shift;
  return Duration(static_cast<Duration::rep>(next - 1));
}

void Histogram::record(Duration took, std::uint64_t times) {
  add(bucket_of(took), times);
  reach(took);
}

void Histogram::add(std::size_t bucket, std::uint64_t times) {
  buckets_[bucket] += times;
  count_ += times;
}

void Histogram::reach(Duration longest) { max_ = std::max(max_, longest.count()); }

Histogram Histogram::since(const Histogram& earlier) const {
  Histogram news;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    const std::uint64_t times = buckets_[i] - std::min(buckets_[i], earlier.buckets_[i]);
    if (times == 0) continue;
    news.add(i, times);
    news.reach(std::min(longest_in(i), max()));
  }
  return news;
}

Duration Histogram::percentile(double share) const {
  CHECK(share >= 0 && share <= 1);
  const auto rank = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    seen += buckets_[i];
    if (seen >= std::max<std::uint64_t>(rank, 1)) {
      return std::min(longest_in(i), max());
    }
  }
  return max();
}

}  // namespace spillway::load
