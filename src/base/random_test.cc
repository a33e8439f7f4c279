#include "base/random.h"

#include <gtest/gtest.h>

#include <set>

namespace spillway {
namespace {

TEST(RandomName, HasTheLengthAndOnlyTheAlphabet) {
  const std::string name = random_name(22);
  EXPECT_EQ(name.size(), 22U);
  for (const char c : name) EXPECT_TRUE(std::isalnum(static_cast<unsigned char>(c))) << c;
}

TEST(Random, NamesHaveTheAlphabetAndDiffer) {
  Random random(random_seed());
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string name = random.name(12);
    EXPECT_EQ(name.size(), 12U);
    for (const char c : name) EXPECT_TRUE(std::isalnum(static_cast<unsigned char>(c))) << c;
    EXPECT_TRUE(seen.insert(name).second);
  }
}

TEST(RandomUuid, IsVersionFourAndNeverTheSame) {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const std::string uuid = random_uuid();
    EXPECT_TRUE(is_uuid(uuid)) << uuid;
    EXPECT_EQ(uuid[14], '4');
    EXPECT_NE(std::string("89ab").find(uuid[19]), std::string::npos);
    EXPECT_TRUE(seen.insert(uuid).second);
  }
}

TEST(IsUuid, RefusesOtherShapes) {
  EXPECT_FALSE(is_uuid(""));
  EXPECT_FALSE(is_uuid("not-a-uuid"));
  EXPECT_FALSE(is_uuid("0123456789abcdef0123456789abcdef0123"));
  EXPECT_FALSE(is_uuid("g1234567-89ab-4def-8123-456789abcdef"));
}

}  // namespace
}  // namespace spillway
