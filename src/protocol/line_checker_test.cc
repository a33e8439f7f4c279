#include "protocol/line_checker.h"

#include <gtest/gtest.h>

#include <string>

#include "protocol/message_line.h"

namespace spillway::protocol {
namespace {

bool is_message(const std::string& line) {
  LineChecker checker;
  return checker.are_messages({{"e", 1, 1, "s", 1}, line});
}

TEST(LineChecker, TakesWhatAServerWrites) {
  std::string line;
  append_message_line(line, "id", 1'795'000'000'000, "h\n\"e\"llo", R"({"name":"ada"})");
  EXPECT_TRUE(is_message(line));
  line.clear();
  append_message_line(line, "", 0, "x", "");
  EXPECT_TRUE(is_message(line));
}

TEST(LineChecker, LeavesUnknownFieldsToLaterReleases) {
  EXPECT_TRUE(is_message(R"({"ts":1,"message":"x","mood":[1,2.5,null]})"));
}

TEST(LineChecker, RefusesWhatWouldBreakAClient) {
  for (const char* const line :
       {R"({"a"})", R"({"ts":1,"message":"x")", R"({"ts":1,"message":"x"}})",
        R"({"ts":1,"message":x})", R"({"ts":1,"message":"x"},{"ts":1,"message":"y"})",
        R"({"ts":1,"message":"\ud800"})", R"({"ts":1,"message":"x",})",
        R"({"ts":01,"message":"x"})"})
    EXPECT_FALSE(is_message(line)) << line;
}

TEST(LineChecker, RefusesWhatIsNoMessage) {
  for (const char* const line :
       {R"({"ts":1})", R"({"message":"x"})", R"({"ts":1,"message":2})",
        R"({"ts":"1","message":"x"})", R"({"ts":-1,"message":"x"})", R"({"ts":1,"message":null})",
        R"({"ts":1,"message":"x","message":"y"})", R"({"ts":1,"ts":2,"message":"x"})",
        R"({"ts":1,"message":"x","id":5})", R"({"ts":1,"message":"x","data":[]})",
        R"({"ts":1,"message":"x","seq":9})", R"({"ts":1,"message":"x","type":"gap"})"})
    EXPECT_FALSE(is_message(line)) << line;
}

TEST(LineChecker, LooksAtEveryLine) {
  LineChecker checker;
  const std::string good = R"({"ts":1,"message":"x"})";
  EXPECT_TRUE(checker.are_messages({{"e", 1, 3, "s", 1}, good + "\n" + good + "\n" + good}));
  EXPECT_FALSE(checker.are_messages({{"e", 1, 3, "s", 1}, good + "\n" + R"({"x"})" + "\n" + good}));
}

}  // namespace
}  // namespace spillway::protocol
