#include "balancer/live_rooms.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace spillway::balancer {
namespace {

// A history of a hundred seconds that ends with these, after zeros.
std::string history(const std::vector<int>& newest) {
  std::vector<int> entries(100 - newest.size());
  entries.insert(entries.end(), newest.begin(), newest.end());
  return fmt::format("[{}]", fmt::join(entries, ","));
}

std::string room(const std::vector<int>& clients, const std::vector<int>& messages) {
  return fmt::format(R"({{"clients":{},"cumulativeMessages":{},"cumulativeSocketWrites":{}}})",
                     history(clients), history(messages), history({}));
}

std::string stats(const std::string& rooms) {
  return R"({"socketServers":[],"chatRooms":{)" + rooms + R"(},"blackList":{},"decisions":[]})";
}

double rate_of(const std::vector<int>& clients, const std::vector<int>& messages) {
  const auto rooms =
      live_rooms(stats(R"("a":)" + room(clients, messages) + R"(,"loud":)" + room({1, 1}, {0, 1})));
  EXPECT_TRUE(rooms);
  return rooms ? rooms->front().messages_per_s : -1;
}

TEST(LiveRooms, AreThoseWithViewers) {
  const auto rooms = live_rooms(stats(R"("a":)" + room({4, 5}, {20, 30}) + R"(,"b":)" +
                                      room({3, 0}, {1, 9}) + R"(,"c":)" + room({7}, {100})));
  ASSERT_TRUE(rooms);
  ASSERT_EQ(rooms->size(), 2U);
  EXPECT_EQ((*rooms)[0].viewers, 5);
  EXPECT_EQ((*rooms)[0].messages_per_s, 10);
  EXPECT_EQ((*rooms)[1].viewers, 7);
  EXPECT_EQ((*rooms)[1].messages_per_s, 0) << "seen for one second only";
}

TEST(LiveRooms, PaddingEntersNoRate) {
  EXPECT_EQ(rate_of({2, 2, 2}, {500, 502, 506}), 3);
  EXPECT_EQ(rate_of({2, 2, 2}, {0, 2, 6}), 3) << "there from its first message on";
  EXPECT_EQ(rate_of({0, 0, 2}, {500, 502, 506}), 3) << "nobody listened, but it was known";
  EXPECT_EQ(rate_of(std::vector<int>(100, 2), std::vector<int>(100, 7)), 0);
}

TEST(LiveRooms, ACounterThatWentBackBeginsAnew) {
  EXPECT_EQ(rate_of({2, 2, 2, 2}, {900, 0, 5, 8}), 4);
  EXPECT_EQ(rate_of({2, 2, 2}, {900, 901, 0}), 0);
}

TEST(LiveRooms, OfTheGoldenDocument) {
  std::ifstream file(std::string(SPILLWAY_GOLDEN_DIR) + "/redis-stats.json");
  const std::string json{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const auto rooms = live_rooms(json);
  ASSERT_TRUE(rooms) << rooms.error().message;
  ASSERT_EQ(rooms->size(), 2U);
  EXPECT_EQ((*rooms)[0].viewers, 13);  // the lobby, where 20, 40, 60 messages were counted
  EXPECT_EQ((*rooms)[0].messages_per_s, 20);
}

TEST(LiveRooms, WithoutViewersOrMessagesThereIsNothingToPlanFrom) {
  const auto empty = live_rooms(stats(""));
  ASSERT_FALSE(empty);
  EXPECT_NE(empty.error().message.find("nobody is in its rooms"), std::string::npos);
  const auto silent = live_rooms(stats(R"("a":)" + room({4, 5}, {20, 20})));
  ASSERT_FALSE(silent);
  EXPECT_NE(silent.error().message.find("nobody has spoken"), std::string::npos);
}

TEST(LiveRooms, NonsenseIsRefused) {
  for (const std::string& text :
       {std::string(), std::string("<html>"), std::string("[]"), std::string("{}"),
        std::string(R"({"chatRooms":[]})"), stats(R"("a":1)"), stats(R"("a":{})"),
        stats(R"("a":{"clients":[],"cumulativeMessages":[]})"),
        stats(R"("a":{"clients":[1,2],"cumulativeMessages":[1]})"),
        stats(R"("a":{"clients":[-1],"cumulativeMessages":[1]})"),
        stats(R"("a":{"clients":[1.5],"cumulativeMessages":[1]})"),
        stats(R"("a":{"clients":["1"],"cumulativeMessages":[1]})"),
        stats(R"("a":{"clients":[1],"cumulativeMessages":[18446744073709551615]})")}) {
    const auto rooms = live_rooms(text);
    ASSERT_FALSE(rooms) << text;
    EXPECT_NE(rooms.error().message.find("makes no sense"), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace spillway::balancer
