#include "load/live_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace spillway::load {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr TimePoint kBegin{seconds(50)};

void set(Snapshot& snapshot, Metric metric, std::uint64_t value) {
  snapshot.counts[static_cast<std::size_t>(metric)] = value;
}

// Talking for two seconds of a minute.
class LiveViewTest : public ::testing::Test {
 protected:
  LiveViewTest() {
    options_.viewers = 2000;
    options_.rooms = 5;
    for (int second = 0; second <= 2; ++second) {
      now_.at = kBegin + seconds(second);
      now_.watching = 1999;
      now_.servers = {{"ws://a:1", 1500}, {"ws://b:2", 499}};
      set(now_, Metric::kConnects, 2000);
      set(now_, Metric::kSent, static_cast<std::uint64_t>(second) * 133);
      set(now_, Metric::kDeliveries, static_cast<std::uint64_t>(second) * 53'200);
      if (second > 0) now_.latency.record(milliseconds(second), 53'200);
      timeline_.add(now_);
    }
  }

  Progress progress(Phase phase) const {
    return {phase, kBegin - seconds(9), kBegin, now_, timeline_, nullptr};
  }

  LoadOptions options_;
  Snapshot now_;
  Timeline timeline_;
};

TEST_F(LiveViewTest, SaysWhatMattersOnOneScreen) {
  set(now_, Metric::kDuplicates, 3);
  const std::string view = live_view(options_, progress(Phase::kTalking), 120);
  EXPECT_THAT(view, HasSubstr("talking  2 s of 1 m 00 s, 58 s left"));
  EXPECT_THAT(view, HasSubstr("viewers  1,999   rooms 5   sent 133/s   delivered 53,200/s"));
  EXPECT_THAT(view, HasSubstr("p99 2.0"));
  EXPECT_THAT(view, HasSubstr("lost 0   doubled 3"));
  EXPECT_THAT(view, HasSubstr("ws://a:1 1,500 (75 %) ws://b:2 499 (25 %)"));
  EXPECT_THAT(view, HasSubstr("▅█"));
  EXPECT_THAT(view, Not(HasSubstr("problem")));
}

TEST_F(LiveViewTest, FitsTheTerminal) {
  const std::string view = live_view(options_, progress(Phase::kTalking), 20);
  std::size_t columns = 0;
  for (const char c : view) {
    const bool starts = (static_cast<unsigned char>(c) & 0xc0U) != 0x80;
    columns = c == '\n' ? 0 : columns + (starts ? 1 : 0);
    EXPECT_LE(columns, 20U);
  }
}

TEST_F(LiveViewTest, SaysHowFarTheConnectingIs) {
  set(now_, Metric::kConnects, 500);
  options_.stagger = milliseconds(20);
  const Timeline nothing_yet;
  const Progress connecting{
      Phase::kConnecting, now_.at - seconds(10), std::nullopt, now_, nothing_yet, nullptr};
  const std::string view = live_view(options_, connecting, 120);
  EXPECT_THAT(view, HasSubstr("[######..................] connecting  500 of 2,000, 30 s left"));
}

TEST_F(LiveViewTest, IsOneLineForALog) {
  EXPECT_EQ(progress_line(options_, progress(Phase::kTalking)),
            "talking  2 s of 1 m 00 s, 58 s left: 1,999 viewers, sent 133/s   delivered 53,200/s, "
            "p99 2.00 ms, lost 0");
}

}  // namespace
}  // namespace spillway::load
