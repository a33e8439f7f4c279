#include "balancer/provision.h"

#include <gtest/gtest.h>

#include <map>

#include "base/random.h"

namespace spillway::balancer {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const TimePoint kNow = TimePoint{} + std::chrono::hours(1);

ServerState server(const std::string& id, std::uint64_t viewers) {
  return {id, "ws://" + id, "up", viewers, milliseconds(100)};
}

Provisioner provisioner() {
  return Provisioner(
      [random = Random(7)](std::uint64_t bound) mutable { return random.below(bound); });
}

TEST(Provisioner, ChoosesTheServerWithTheFewestViewers) {
  const Fleet fleet{{server("a", 5), server("b", 2), server("c", 9)}, kNow};
  auto choice = provisioner();
  EXPECT_EQ(choice.choose(fleet, kNow)->id, "b");
}

TEST(Provisioner, HasNobodyToOfferWithoutALivingServer) {
  ServerState silent = server("a", 0);
  silent.silence = kSilentAfter;
  ServerState draining = server("b", 0);
  draining.status = "draining";
  ServerState mute = server("c", 0);
  mute.silence.reset();
  ServerState nowhere = server("d", 0);
  nowhere.url.clear();
  auto choice = provisioner();
  EXPECT_EQ(choice.choose({{silent, draining, mute, nowhere}, kNow}, kNow), nullptr);
  EXPECT_EQ(choice.choose({}, kNow), nullptr);
}

TEST(Provisioner, ABurstSpreadsEvenlyOverAnEqualFleet) {
  const Fleet fleet{{server("a", 100), server("b", 100), server("c", 100)}, kNow};
  auto choice = provisioner();
  std::map<std::string, int> sent;
  for (int i = 0; i < 9000; ++i) ++sent[choice.choose(fleet, kNow + milliseconds(i / 9))->id];
  for (const auto& [id, count] : sent) EXPECT_EQ(count, 3000) << id;
}

TEST(Provisioner, AViewerJustSentCountsForFiveSeconds) {
  const Fleet fleet{{server("a", 0), server("b", 1)}, kNow};
  auto choice = provisioner();
  EXPECT_EQ(choice.choose(fleet, kNow)->id, "a");
  choice.choose(fleet, kNow);  // either: both have one now
  const Fleet later{{server("a", 0), server("b", 3)}, kNow};
  for (int i = 0; i < 3; ++i) choice.choose(later, kNow + milliseconds(4400));
  EXPECT_EQ(choice.choose(later, kNow + seconds(11))->id, "a");
}

TEST(Provisioner, TiesGoToEachOfTheEquals) {
  std::map<std::string, int> first;
  auto random = Random(3);
  for (int i = 0; i < 300; ++i) {
    Provisioner fresh([&random](std::uint64_t bound) { return random.below(bound); });
    ++first[fresh.choose({{server("a", 1), server("b", 1), server("c", 1)}, kNow}, kNow)->id];
  }
  EXPECT_GT(first["a"], 60);
  EXPECT_GT(first["b"], 60);
  EXPECT_GT(first["c"], 60);
}

TEST(RecentlySent, ForgetsSlotBySlot) {
  RecentlySent sent;
  sent.add(kNow);
  sent.add(kNow + milliseconds(2600));
  EXPECT_EQ(sent.count(kNow + milliseconds(2600)), 2U);
  EXPECT_EQ(sent.count(kNow + milliseconds(4499)), 2U);
  EXPECT_EQ(sent.count(kNow + milliseconds(5000)), 1U);
  EXPECT_EQ(sent.count(kNow + milliseconds(7500)), 0U);
  sent.add(kNow + seconds(60));
  EXPECT_EQ(sent.count(kNow + seconds(60)), 1U);
}

}  // namespace
}  // namespace spillway::balancer
