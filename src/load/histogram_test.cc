#include "load/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/random.h"

namespace spillway::load {
namespace {

using std::chrono::hours;
using std::chrono::nanoseconds;

TEST(Histogram, IsExactBelow256Nanoseconds) {
  Histogram histogram;
  for (int i = 0; i < 256; ++i) histogram.record(nanoseconds(i));
  EXPECT_EQ(histogram.percentile(0), nanoseconds(0));
  EXPECT_EQ(histogram.percentile(0.5), nanoseconds(127));
  EXPECT_EQ(histogram.percentile(1), nanoseconds(255));
}

TEST(Histogram, NeverReadsShorterNorMoreThanOnePercentLonger) {
  Random random(7);
  std::vector<Duration> all;
  Histogram histogram;
  for (int i = 0; i < 20'000; ++i) {
    // From nanoseconds to minutes, all magnitudes alike.
    const auto took = nanoseconds(static_cast<std::int64_t>(std::exp2(random.unit() * 39)));
    all.push_back(took);
    histogram.record(took);
  }
  std::sort(all.begin(), all.end());
  for (const double share : {0.01, 0.5, 0.9, 0.99, 0.999, 1.0}) {
    const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(all.size())));
    const Duration exact = all[rank - 1];
    EXPECT_GE(histogram.percentile(share), exact) << share;
    EXPECT_LE(to_ms(histogram.percentile(share)), to_ms(exact) * 1.01) << share;
  }
}

TEST(Histogram, TakesWhatNobodyExpected) {
  Histogram histogram;
  EXPECT_EQ(histogram.percentile(0.99), Duration(0));
  histogram.record(nanoseconds(-5));
  EXPECT_EQ(histogram.percentile(1), Duration(0));
  histogram.record(hours(24));
  EXPECT_EQ(histogram.max(), hours(24));
  EXPECT_GE(histogram.percentile(1), std::chrono::minutes(18));
}

}  // namespace
}  // namespace spillway::load
