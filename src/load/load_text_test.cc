#include "load/load_text.h"

#include <gtest/gtest.h>

namespace spillway::load {
namespace {

constexpr TimePoint kDue{std::chrono::seconds(100)};

TEST(LoadText, CarriesAuthorTimeAndNumberAtAnyLength) {
  for (const std::size_t bytes : {kLoadTextBytesMin, std::size_t{60}, std::size_t{5000}}) {
    const std::string text = write_load_text({{0xabcd, 7}, kDue, 0xffffffff}, bytes);
    EXPECT_EQ(text.size(), bytes);
    const auto read = read_load_text(text);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->author, (Author{0xabcd, 7}));
    EXPECT_EQ(read->due, kDue);
    EXPECT_EQ(read->number, 0xffffffffU);
  }
}

TEST(LoadText, TakesNoOther) {
  EXPECT_FALSE(read_load_text(""));
  EXPECT_FALSE(read_load_text("hello"));
  EXPECT_FALSE(read_load_text("hello, everybody in this room, what a save was that"));
  EXPECT_FALSE(read_load_text(write_load_text({{}, kDue, 1}, 40).substr(0, 31)));
}

TEST(LoadText, LooksDifferentFromMessageToMessage) {
  const std::string one = write_load_text({{}, kDue, 1}, 60).substr(kLoadTextBytesMin);
  const std::string two = write_load_text({{}, kDue, 2}, 60).substr(kLoadTextBytesMin);
  EXPECT_NE(one, two);
}

}  // namespace
}  // namespace spillway::load
