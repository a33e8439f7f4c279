#include "balancer/plan_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace spillway::balancer {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string text_of(const std::string& query) {
  const auto asked = parse_plan_query(query, {});
  EXPECT_TRUE(asked);
  return plan_text(*asked, plan_for(asked->audience, asked->settings));
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

TEST(PlanText, SaysWhatTheExampleComesTo) {
  const std::string text = text_of("users=100&rooms=5&interval=30s");
  EXPECT_THAT(text, StartsWith("100 users in 5 rooms (uniform), each sending every 30s: "
                               "66.67 deliveries/s.\n"));
  EXPECT_THAT(text, HasSubstr("deliveries/s                           66.67          266.67"
                              "           6,667\n"));
  EXPECT_THAT(text, HasSubstr("At 2x users: 4 times the deliveries, on 1 server, with "));
  EXPECT_THAT(text, HasSubstr("At 10x users: 100 times the deliveries, on 1 server, with "));
}

TEST(PlanText, IsATableOfThreeColumns) {
  const auto lines = lines_of(text_of("users=100000000&rooms=1&interval=1ms"));
  ASSERT_GT(lines.size(), 16U);
  for (std::size_t i = 2; i < 17; ++i) EXPECT_EQ(lines[i].size(), lines[2].size()) << lines[i];
  EXPECT_EQ(lines[17], "");
}

TEST(PlanText, NamesTheLimitThatComesFirst) {
  const std::string hot = text_of("users=1000&rooms=1&interval=200ms");
  EXPECT_THAT(hot, HasSubstr("At 2x users: 4 times the deliveries, on 4 servers, with 22.9 Gbit/s "
                             "of plain egress. The first limit is deliveries: 4 servers; kernel "
                             "writes alone fill 23 % of a server, Redis is at "));
  const std::string small = text_of("users=1000&rooms=100&interval=10s");
  EXPECT_THAT(small, HasSubstr("The first limit is kernel writes: "));
  const std::string many = text_of("users=1000000&rooms=500000&interval=10s");
  EXPECT_THAT(many, HasSubstr("The first limit is Redis, at up to "));
  EXPECT_THAT(many, HasSubstr(" % of what the one Redis of a fleet can do; kernel writes fill "));
}

TEST(PlanText, OfLiveRoomsSaysWhereTheyWereFound) {
  const std::vector<RoomGroup> rooms{{10, 0.5}};
  const std::string text = live_plan_text("http://a:1", {}, plan_for(rooms, PlanSettings{}));
  EXPECT_THAT(text, StartsWith("10 users in 1 room of http://a:1, sending 0.50 messages/s: "
                               "5 deliveries/s.\n"));
}

TEST(PlanText, CountsAreForPeople) {
  const std::pair<double, const char*> cases[] = {{0, "0"},
                                                  {1e-9, "< 0.01"},
                                                  {0.00499, "< 0.01"},
                                                  {0.005, "0.01"},
                                                  {0.5, "0.50"},
                                                  {66.0 + 2.0 / 3, "66.67"},
                                                  {100, "100"},
                                                  {999.99, "999.99"},
                                                  {999.999, "1,000"},
                                                  {6666.67, "6,667"},
                                                  {123'456, "123,456"},
                                                  {999'999.6, "1.00 million"},
                                                  {5.3e6, "5.30 million"},
                                                  {34'722'222, "34.7 million"},
                                                  {999.6e6, "1.00 billion"},
                                                  {8.3e9, "8.30 billion"},
                                                  {1e13, "10.0 trillion"},
                                                  {1e21, "1.00e+21"}};
  for (const auto& [count, text] : cases) EXPECT_EQ(human_count(count), text);
}

TEST(PlanText, BitsBytesAndShares) {
  EXPECT_EQ(human_bits(0), "0.00 bit/s");
  EXPECT_EQ(human_bits(66.0 * 143), "75.5 kbit/s");
  EXPECT_EQ(human_bits(125e6), "1.00 Gbit/s");
  EXPECT_EQ(human_bytes(0), "0.00 B");
  EXPECT_EQ(human_bytes(1023.9), "1.00 KiB");
  EXPECT_EQ(human_bytes(13.5 * 1024 * 1024), "13.5 MiB");
  EXPECT_EQ(human_share(0), "0.0 %");
  EXPECT_EQ(human_share(0.0001), "< 0.1 %");
  EXPECT_EQ(human_share(0.00111), "0.1 %");
  EXPECT_EQ(human_share(0.5), "50 %");
  EXPECT_EQ(human_share(14.2), "1,420 %");
  EXPECT_EQ(human_share(4.3e12), "4.3e+14 %");
}

}  // namespace
}  // namespace spillway::balancer
