#include "base/terminal_text.h"

#include <gtest/gtest.h>

namespace spillway {
namespace {

TEST(TerminalText, LeavesOrdinaryTextAlone) {
  for (const char* const text : {"", "hello", "äöü 日本語 🦀", "a\"b\\c"}) {
    EXPECT_EQ(harmless(text), text);
  }
}

TEST(TerminalText, StaysOnOneLine) {
  EXPECT_EQ(harmless("a\nb\r\nc\td\xE2\x80\xA8"
                     "e"),
            "a b  c d e");
}

TEST(TerminalText, EscapesHaveNoEffect) {
  EXPECT_EQ(harmless("\x1b[2J\x07\x7f"), "\uFFFD[2J\uFFFD\uFFFD");
  EXPECT_EQ(harmless("\xC2\x9B"
                     "2J"),
            "\uFFFD2J");  // C1's CSI
  EXPECT_EQ(harmless("a\xE2\x80\xAE"
                     "b"),
            "a\uFFFDb");  // right-to-left override
  EXPECT_EQ(harmless(std::string_view("\0", 1)), "\uFFFD");
}

TEST(TerminalText, WhatIsNotUtf8IsReplacedByteByByte) {
  EXPECT_EQ(harmless("a\xFF"), "a\uFFFD");
  EXPECT_EQ(harmless("\xC3"), "\uFFFD");
  EXPECT_EQ(harmless("\xE2\x82"), "\uFFFD\uFFFD");
  EXPECT_EQ(harmless("\xC0\xAF"), "\uFFFD\uFFFD");
}

}  // namespace
}  // namespace spillway
