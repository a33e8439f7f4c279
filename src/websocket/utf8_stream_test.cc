#include "websocket/utf8_stream.h"

#include <gtest/gtest.h>

#include "websocket/testing/pieces.h"

namespace spillway::websocket {
namespace {

using testing::for_each_cut;
using testing::Pieces;

// Where the stream first said no; the size if it never did.
std::size_t accepted_bytes(std::string_view text) {
  Utf8Stream stream;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!stream.feed(text.substr(i, 1))) return i;
  }
  return text.size();
}

std::string encode(std::uint32_t point, std::size_t bytes) {
  const auto low_six = [&](unsigned shift) {
    return static_cast<char>(0x80U | ((point >> shift) & 0x3FU));
  };
  switch (bytes) {
    case 1:
      return {static_cast<char>(point)};
    case 2:
      return {static_cast<char>(0xC0U | point >> 6U), low_six(0)};
    case 3:
      return {static_cast<char>(0xE0U | point >> 12U), low_six(6), low_six(0)};
    default:
      return {static_cast<char>(0xF0U | point >> 18U), low_six(12), low_six(6), low_six(0)};
  }
}

TEST(Utf8, TakesEveryScalarValueInItsShortestFormOnly) {
  for (std::uint32_t point = 0; point < 0x200000; ++point) {
    const std::size_t shortest = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    const bool scalar = point <= 0x10FFFF && !(point >= 0xD800 && point <= 0xDFFF);
    ASSERT_EQ(is_utf8(encode(point, shortest)), scalar) << point;
    for (std::size_t longer = shortest + 1; longer <= 4; ++longer) {
      ASSERT_FALSE(is_utf8(encode(point, longer))) << point;
    }
  }
}

TEST(Utf8, RefusesTheFirstByteThatCannotContinue) {
  EXPECT_EQ(accepted_bytes("ab\xC0\x80"), 2U);          // overlong from the start
  EXPECT_EQ(accepted_bytes("ab\xE0\x9F\x80"), 3U);      // overlong by the second byte
  EXPECT_EQ(accepted_bytes("ab\xED\xA0\x80"), 3U);      // a surrogate
  EXPECT_EQ(accepted_bytes("ab\xF0\x8F\x80\x80"), 3U);  // overlong
  EXPECT_EQ(accepted_bytes("ab\xF4\x90\x80\x80"), 3U);  // above U+10FFFF
  EXPECT_EQ(accepted_bytes("ab\xF5"), 2U);
  EXPECT_EQ(accepted_bytes("ab\x80"), 2U);
  EXPECT_EQ(accepted_bytes("ab\xE2\x82z"), 4U);  // a character cut short
}

TEST(Utf8, IsIncompleteInsideACharacter) {
  Utf8Stream stream;
  EXPECT_TRUE(stream.feed("x\xE2\x82"));
  EXPECT_FALSE(stream.complete());
  EXPECT_TRUE(stream.feed("\xAC"));
  EXPECT_TRUE(stream.complete());
}

TEST(Utf8, DoesNotDependOnTheCuts) {
  std::string text;
  for (int i = 0; i < 20; ++i) text += "plain text \u00e9\u20ac\U0001F600\u0800\uffff";
  for (std::size_t flaw = 0; flaw <= text.size(); flaw += 3) {
    std::string flawed = text;
    if (flaw < text.size()) flawed[flaw] = '\xFF';
    for_each_cut(flawed, [&](const Pieces& pieces) {
      Utf8Stream stream;
      bool valid = true;
      for (const std::string& piece : pieces) valid = valid && stream.feed(piece);
      EXPECT_EQ(valid && stream.complete(), flaw >= text.size());
    });
  }
}

}  // namespace
}  // namespace spillway::websocket
