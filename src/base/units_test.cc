#include "base/units.h"

#include <gtest/gtest.h>

namespace spillway {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(Duration, TakesEveryUnit) {
  EXPECT_EQ(*parse_duration("500ms"), microseconds(milliseconds(500)));
  EXPECT_EQ(*parse_duration("5s"), microseconds(seconds(5)));
  EXPECT_EQ(*parse_duration("10m"), microseconds(minutes(10)));
  EXPECT_EQ(*parse_duration("1.5s"), microseconds(milliseconds(1500)));
  EXPECT_EQ(*parse_duration("250us"), microseconds(250));
  EXPECT_EQ(*parse_duration("0"), microseconds(0));
}

TEST(Duration, RefusesWhatIsNone) {
  for (const char* text :
       {"", "5", "s", "-5s", "5 s", "5sec", "1e3s", "nan", "inf", "999999999999d"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
  EXPECT_NE(parse_duration("5").error().message.find("500ms"), std::string::npos);
}

TEST(Size, TakesBytesAndBinaryUnits) {
  EXPECT_EQ(*parse_size("2048"), 2048U);
  EXPECT_EQ(*parse_size("2KiB"), 2048U);
  EXPECT_EQ(*parse_size("8MiB"), 8U * 1024 * 1024);
  EXPECT_EQ(*parse_size("1GiB"), 1024U * 1024 * 1024);
}

TEST(Size, RefusesWhatIsNone) {
  for (const char* text :
       {"", "KiB", "2KB", "-1", "1.5KiB", "99999999999999999999", "18446744073709551615GiB"}) {
    EXPECT_FALSE(parse_size(text)) << text;
  }
}

TEST(Percent, TakesAShareAndNothingBehindIt) {
  EXPECT_DOUBLE_EQ(*parse_percent("5%"), 0.05);
  EXPECT_DOUBLE_EQ(*parse_percent("0.5%"), 0.005);
  EXPECT_DOUBLE_EQ(*parse_percent("0%"), 0);
  EXPECT_DOUBLE_EQ(*parse_percent("100%"), 1);
  for (const char* text : {"", "%", "5", "1x%", "5%%", "-1%", "101%", "nan%", "x%"}) {
    EXPECT_FALSE(parse_percent(text)) << text;
  }
}

TEST(Rate, TakesCountAndWindowOrOff) {
  EXPECT_EQ(*parse_rate("20/30s"), (Rate{20, seconds(30)}));
  EXPECT_FALSE(parse_rate("off")->limited());
  for (const char* text :
       {"", "20", "20/", "/30s", "0/30s", "20/0s", "20/30", "x/30s", "20/10us"}) {
    EXPECT_FALSE(parse_rate(text)) << text;
  }
}

TEST(Units, FormatParsesBackToTheSameValue) {
  for (const char* text : {"500ms", "5s", "10m", "1500ms", "2h", "1d", "7us"}) {
    EXPECT_EQ(format_duration(*parse_duration(text)), text);
  }
  for (const char* text : {"2KiB", "8MiB", "1GiB", "100B"}) {
    EXPECT_EQ(format_size(*parse_size(text)), text);
  }
  EXPECT_EQ(format_rate(*parse_rate("20/30s")), "20/30s");
  EXPECT_EQ(format_rate(Rate{}), "off");
}

TEST(Units, GroupsDigits) {
  EXPECT_EQ(group_digits(""), "");
  EXPECT_EQ(group_digits("999"), "999");
  EXPECT_EQ(group_digits("1000"), "1,000");
  EXPECT_EQ(group_digits("1234567"), "1,234,567");
}

}  // namespace
}  // namespace spillway
