#include "load/tally.h"

#include <gtest/gtest.h>

#include <memory>

namespace spillway::load {
namespace {

TEST(SharedText, IsCutBetweenTwoCharacters) {
  const auto cut = [](std::string_view text) {
    SharedText<6> shared{};
    shared.set(text);
    return std::string(shared.get());
  };
  EXPECT_EQ(cut("sixsix"), "sixsix");
  EXPECT_EQ(cut("sevense"), "sevens");
  EXPECT_EQ(cut("abc\u00e4\u00e4"), "abc\u00e4") << "the second one has no room";
  EXPECT_EQ(cut("ab\u20ac\u20ac"), "ab\u20ac");
}

TEST(SharedText, KeepsTheFirst) {
  SharedText<6> shared{};
  shared.set("");
  shared.set("one");
  shared.set("two");
  EXPECT_EQ(shared.get(), "one");
}

TEST(Tally, NotesNothingThatCouldMoveACursor) {
  const auto tally = std::make_unique<Tally>();
  tally->note("a\x1b[2J\nb");
  EXPECT_EQ(tally->problem.get(), "a\uFFFD[2J b");
}

}  // namespace
}  // namespace spillway::load
