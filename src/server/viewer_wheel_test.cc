#include "server/viewer_wheel.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace spillway::server {
namespace {

class ViewerWheelTest : public ::testing::Test {
 protected:
  // The slots that come due in the next `ticks`, as (tick, slot).
  std::vector<std::pair<std::uint32_t, std::uint32_t>> advance(std::uint32_t ticks) {
    std::vector<std::pair<std::uint32_t, std::uint32_t>> due;
    for (std::uint32_t i = 0; i < ticks; ++i) {
      for (const auto& entry : wheel_->advance()) due.emplace_back(wheel_->now(), entry.slot);
    }
    return due;
  }

  std::unique_ptr<ViewerWheel> wheel_ = std::make_unique<ViewerWheel>();
  const std::uint32_t start_ = wheel_->now();
  using Due = std::vector<std::pair<std::uint32_t, std::uint32_t>>;
};

TEST_F(ViewerWheelTest, GivesEachEntryAtItsTick) {
  EXPECT_EQ(wheel_->add(7, 1, start_ + 3), start_ + 3);
  EXPECT_EQ(wheel_->add(8, 1, start_ + 1), start_ + 1);
  EXPECT_EQ(wheel_->add(9, 1, start_ + 3), start_ + 3);
  EXPECT_EQ(advance(5), (Due{{start_ + 1, 8}, {start_ + 3, 7}, {start_ + 3, 9}}));
  EXPECT_EQ(advance(2 * ViewerWheel::kSpan), Due{});
}

TEST_F(ViewerWheelTest, ThePastIsTheNextTick) {
  EXPECT_EQ(wheel_->add(1, 1, 0), start_ + 1);
  EXPECT_EQ(wheel_->add(2, 1, start_), start_ + 1);
  EXPECT_EQ(advance(1), (Due{{start_ + 1, 1}, {start_ + 1, 2}}));
}

TEST_F(ViewerWheelTest, WhatIsTooFarAheadComesAtTheEndOfTheSpan) {
  const std::uint32_t end = start_ + ViewerWheel::kSpan - 1;
  EXPECT_EQ(wheel_->add(1, 1, end), end);
  EXPECT_EQ(wheel_->add(2, 1, end + 1), end);
  EXPECT_EQ(wheel_->add(3, 1, end + 100'000), end);
  EXPECT_EQ(advance(ViewerWheel::kSpan - 2), Due{});
  EXPECT_EQ(advance(1), (Due{{end, 1}, {end, 2}, {end, 3}}));
}

TEST_F(ViewerWheelTest, TakesNewEntriesWhileOldOnesAreLookedAt) {
  wheel_->add(1, 1, start_ + 1);
  for (const auto& entry : wheel_->advance()) wheel_->add(entry.slot, 2, wheel_->now() + 1);
  EXPECT_EQ(advance(1), (Due{{start_ + 2, 1}}));
}

}  // namespace
}  // namespace spillway::server
