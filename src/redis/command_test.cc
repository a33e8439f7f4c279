#include "redis/command.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>

#include "redis/script.h"

namespace spillway::redis {
namespace {

using namespace std::string_view_literals;

TEST(Command, IsAnArrayOfBulkStrings) {
  EXPECT_EQ(Command("PING").bytes(), "*1\r\n$4\r\nPING\r\n");
  EXPECT_EQ(Command("SET").arg("k").arg("").bytes(), "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$0\r\n\r\n");
}

TEST(Command, CarriesAnyBytes) {
  const std::string_view hostile = "a\0\r\n$5\r\n"sv;
  EXPECT_EQ(Command("ECHO").arg(hostile).bytes(), "*2\r\n$4\r\nECHO\r\n$8\r\na\0\r\n$5\r\n\r\n"sv);
}

TEST(Command, WritesNumbersAsText) {
  Command command("X");
  command.arg(-42).arg(std::numeric_limits<std::uint64_t>::max()).arg(std::size_t{7}).arg(0.25);
  EXPECT_EQ(
      command.bytes(),
      "*5\r\n$1\r\nX\r\n$3\r\n-42\r\n$20\r\n18446744073709551615\r\n$1\r\n7\r\n$4\r\n0.25\r\n");
  EXPECT_EQ(Command("X").arg(std::numeric_limits<std::int64_t>::min()).bytes(),
            "*2\r\n$1\r\nX\r\n$20\r\n-9223372036854775808\r\n");
}

TEST(Command, CountsManyArguments) {
  Command command("DEL");
  for (int i = 0; i < 12'345; ++i) command.arg(i);
  EXPECT_TRUE(command.bytes().starts_with("*12346\r\n$3\r\nDEL\r\n"));
}

TEST(Command, CopiesAreIndependent) {
  Command one("A");
  Command two = one;
  two.arg("b");
  EXPECT_EQ(one.bytes(), "*1\r\n$1\r\nA\r\n");
  EXPECT_EQ(two.bytes(), "*2\r\n$1\r\nA\r\n$1\r\nb\r\n");
}

TEST(Script, IsKnownByTheDigestThatRedisComputes) {
  EXPECT_EQ(Script("return 1").sha1(), "e0e1f9fabfc9d4800c877a703b823ac0578ff8db");
}

}  // namespace
}  // namespace spillway::redis
