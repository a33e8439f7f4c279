#include "base/distribution.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

namespace spillway {
namespace {

using ::testing::ElementsAre;

TEST(Distribution, ReadsItsOwnTextAndNoOther) {
  EXPECT_EQ(*parse_distribution("uniform"), Distribution{0});
  EXPECT_EQ(*parse_distribution("zipf:1.1"), Distribution{1.1});
  EXPECT_EQ(format_distribution({1.1}), "zipf:1.1");
  EXPECT_EQ(format_distribution({0}), "uniform");
  for (const char* wrong : {"", "zipf", "zipf:", "zipf:x", "zipf:1.1x", "zipf:-1", "zipf:nan",
                            "zipf:inf", "zipf:11", "Uniform", "uniform "}) {
    EXPECT_FALSE(parse_distribution(wrong)) << wrong;
  }
}

TEST(Distribution, SpreadsEvenly) {
  EXPECT_THAT(room_sizes(100, 5, {0}), ElementsAre(20, 20, 20, 20, 20));
  EXPECT_THAT(room_sizes(11, 3, {0}), ElementsAre(4, 4, 3));
  EXPECT_THAT(room_sizes(2, 4, {0}), ElementsAre(1, 1, 0, 0));
}

// 1 + 1/2 + 1/3 + 1/4 = 25/12; of 1,000 viewers: 480, 240, 160, 120.
TEST(Distribution, SpreadsByZipf) {
  EXPECT_THAT(room_sizes(1000, 4, {1}), ElementsAre(480, 240, 160, 120));
}

TEST(Distribution, AddsUp) {
  for (const std::uint64_t viewers : {0U, 1U, 7U, 9999U, 500'000U}) {
    for (const double exponent : {0.0, 0.5, 1.1, 3.0}) {
      const auto sizes = room_sizes(viewers, 1000, {exponent});
      EXPECT_EQ(std::accumulate(sizes.begin(), sizes.end(), std::uint64_t{0}), viewers);
      EXPECT_TRUE(std::is_sorted(sizes.rbegin(), sizes.rend()));
    }
  }
}

TEST(Distribution, GivesEveryPartOfTheViewersTheSameMixture) {
  const auto rooms = rooms_of_viewers({600, 300, 100});
  ASSERT_EQ(rooms.size(), 1000U);
  const auto begin = rooms.begin() + 200;
  EXPECT_NEAR(static_cast<double>(std::count(begin, begin + 100, 0U)), 60, 1);
  EXPECT_NEAR(static_cast<double>(std::count(begin, begin + 100, 1U)), 30, 1);
  EXPECT_NEAR(static_cast<double>(std::count(begin, begin + 100, 2U)), 10, 1);
}

}  // namespace
}  // namespace spillway
