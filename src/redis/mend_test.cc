#include "redis/mend.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace spillway::redis {
namespace {

using ::testing::HasSubstr;

TEST(Mend, SaysWhatCanBeDone) {
  EXPECT_THAT(mend("OOM command not allowed when used memory > 'maxmemory'."),
              HasSubstr("maxmemory"));
  EXPECT_THAT(mend("READONLY You can't write against a read only replica."), HasSubstr("master"));
  EXPECT_THAT(mend("BUSY Redis is busy running a script."), HasSubstr("SCRIPT KILL"));
  EXPECT_THAT(mend("MISCONF Redis is configured to save RDB snapshots"), HasSubstr("disk"));
  EXPECT_THAT(mend("WRONGTYPE Operation against a key"), HasSubstr("key"));
  EXPECT_EQ(mend("ERR something else"), "");
  EXPECT_EQ(mend(""), "");
}

TEST(Mend, KnowsAnErrorThatAnOlderRedisWrapped) {
  const auto wrapped =
      "ERR Error running script (call to f_0): @user_script: 20: -OOM command not allowed";
  EXPECT_THAT(mend(wrapped), HasSubstr("maxmemory"));
  EXPECT_TRUE(refused_whole(wrapped));
}

TEST(Mend, TellsWhatDidNothingFromWhatMayHaveDoneHalf) {
  EXPECT_TRUE(refused_whole("OOM command not allowed"));
  EXPECT_TRUE(refused_whole("BUSY Redis is busy running a script"));
  EXPECT_FALSE(refused_whole("WRONGTYPE Operation against a key"));
  EXPECT_FALSE(refused_whole("ERR something else"));
}

}  // namespace
}  // namespace spillway::redis
