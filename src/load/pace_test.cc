#include "load/pace.h"

#include <gtest/gtest.h>

namespace spillway::load {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr TimePoint kStart{seconds(1000)};

TEST(Pace, PassesLikeTimeAtFirst) {
  const Pace pace(kStart);
  EXPECT_EQ(pace.talked(kStart + seconds(3)), seconds(3));
  EXPECT_EQ(pace.when(seconds(3)), kStart + seconds(3));
}

TEST(Pace, KeepsWhatHasPassedWhenItChanges) {
  Pace pace(kStart);
  pace.change(kStart + seconds(10), 20);
  EXPECT_EQ(pace.talked(kStart + seconds(10)), seconds(10));
  EXPECT_EQ(pace.talked(kStart + seconds(11)), seconds(30));
  pace.change(kStart + seconds(11), 0.5);
  EXPECT_EQ(pace.talked(kStart + seconds(13)), seconds(31));
}

// Whoever was due 5 s later is due a quarter of a second after a burst of ×20 begins.
TEST(Pace, BringsForwardWhatIsDue) {
  Pace pace(kStart);
  pace.change(kStart + seconds(10), 20);
  EXPECT_EQ(pace.when(seconds(15)), kStart + seconds(10) + milliseconds(250));
}

}  // namespace
}  // namespace spillway::load
