#include "load/cast.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace spillway::load {
namespace {

std::vector<Part> everybody(const LoadOptions& options) {
  std::vector<Part> all;
  for (std::uint32_t engine = 0; engine < options.engines(); ++engine) {
    for (Part& part : parts_of(options, engine)) all.push_back(std::move(part));
  }
  return all;
}

LoadOptions options_of(std::uint32_t viewers, std::uint32_t rooms) {
  LoadOptions options;
  options.viewers = viewers;
  options.rooms = rooms;
  return options;
}

TEST(Cast, GivesEveryViewerToOneEngine) {
  LoadOptions options = options_of(1000, 7);
  options.threads = 3;
  options.workers = 2;
  std::set<std::uint32_t> viewers;
  for (const Part& part : everybody(options)) viewers.insert(part.viewer);
  EXPECT_EQ(viewers.size(), 1000U);
  EXPECT_EQ(*viewers.rbegin(), 999U);
}

TEST(Cast, IsTheSameHoweverManyEnginesThereAre) {
  LoadOptions one = options_of(500, 5);
  one.talkers = 0.1;
  one.distribution = {1.1};
  LoadOptions many = one;
  many.threads = 4;
  std::vector<Part> parts = everybody(many);
  std::sort(parts.begin(), parts.end(),
            [](const Part& a, const Part& b) { return a.viewer < b.viewer; });
  const std::vector<Part> same = everybody(one);
  for (std::size_t i = 0; i < same.size(); ++i) {
    EXPECT_EQ(parts[i].room, same[i].room);
    EXPECT_EQ(parts[i].talks, same[i].talks);
  }
}

TEST(Cast, LetsTheShareTalkThatWasAskedFor) {
  for (const double share : {0.01, 0.05, 0.5, 1.0}) {
    LoadOptions options = options_of(10'000, 100);
    options.talkers = share;
    EXPECT_NEAR(static_cast<double>(talkers_of(options)), share * 10'000, 100) << share;
  }
}

TEST(Cast, LetsSomebodyTalkInAnyCase) {
  LoadOptions options = options_of(10, 10);
  options.talkers = 1e-9;
  EXPECT_EQ(talkers_of(options), 1U);
}

TEST(Cast, SpreadsTalkersOverRooms) {
  LoadOptions options = options_of(10'000, 10);
  options.talkers = 0.1;
  std::vector<int> talkers(10);
  for (const Part& part : everybody(options)) talkers[part.room] += part.talks ? 1 : 0;
  for (const int in_room : talkers) EXPECT_NEAR(in_room, 100, 2);
}

TEST(Cast, RaidersComeFromOtherRooms) {
  LoadOptions options = options_of(1000, 4);
  Raid raid;
  raid.viewers = 300;
  raid.room = 2;
  options.scenario.raids.push_back(raid);
  int raiders = 0;
  for (const Part& part : everybody(options)) {
    if (part.raids.empty()) continue;
    EXPECT_NE(part.room, 2U);
    ++raiders;
  }
  EXPECT_EQ(raiders, 300);
}

}  // namespace
}  // namespace spillway::load
