#include "base/named_set.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace spillway {
namespace {

struct Thing {
  explicit Thing(std::string its_name) : name(std::move(its_name)) {}
  const std::string name;
  int value = 0;
};

TEST(NamedSet, FindsWhatIsThereByItsName) {
  NamedSet<Thing> things;
  for (int i = 0; i < 1000; ++i) {
    things.add(std::make_unique<Thing>("thing-" + std::to_string(i))).value = i;
  }
  EXPECT_EQ(things.size(), 1000U);
  EXPECT_EQ(things.find("thing-17")->value, 17);
  EXPECT_EQ(things.find("thing-1000"), nullptr);
  const Thing* const stays = things.find("thing-999");
  things.erase(*things.find("thing-17"));
  EXPECT_EQ(things.find("thing-17"), nullptr);
  EXPECT_EQ(things.find("thing-999"), stays);
  EXPECT_EQ(std::count_if(things.begin(), things.end(),
                          [](const auto& thing) { return thing != nullptr; }),
            999);
}

}  // namespace
}  // namespace spillway
