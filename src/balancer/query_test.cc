#include "balancer/query.h"

#include <gtest/gtest.h>

namespace spillway::balancer {
namespace {

using namespace std::string_view_literals;

TEST(Query, FindsTheFirstOfAName) {
  EXPECT_EQ(find_parameter("room=a&rooms=b&room=c", "room"), "a");
  EXPECT_EQ(find_parameter("room=a&rooms=b&room=c", "rooms"), "b");
  EXPECT_EQ(find_parameter("x&room=a=b", "room"), "a=b");
  EXPECT_EQ(find_parameter("room", "room"), "");
  EXPECT_EQ(find_parameter("&&room=", "room"), "");
}

TEST(Query, DoesNotFindWhatIsNotThere) {
  for (const char* const query : {"", "&", "=", "rooms=a", "Room=a", "x=room", "x=room=a"}) {
    EXPECT_EQ(find_parameter(query, "room"), std::nullopt) << query;
  }
}

TEST(Query, DecodesBytes) {
  EXPECT_EQ(percent_decoded(""), "");
  EXPECT_EQ(percent_decoded("lobby"), "lobby");
  EXPECT_EQ(percent_decoded("a+b%20c%2Bd"), "a b c+d");
  EXPECT_EQ(percent_decoded("%e2%82%AC"), "\u20AC");
  EXPECT_EQ(percent_decoded("a%00b"), "a\0b"sv);
  EXPECT_EQ(percent_decoded("%2541"), "%41") << "decoded once";
}

TEST(Query, RefusesWhatIsNoEncoding) {
  for (const char* const value : {"%", "%4", "a%", "%zz", "%4g", "%-1", "%+1", "% 1", "%%41"}) {
    EXPECT_EQ(percent_decoded(value), std::nullopt) << value;
  }
}

}  // namespace
}  // namespace spillway::balancer
