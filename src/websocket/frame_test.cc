#include "websocket/frame.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>

#include "websocket/close_code.h"
#include "websocket/mask.h"
#include "websocket/utf8_stream.h"

namespace spillway::websocket {
namespace {

std::uint32_t mask_of(std::string_view bytes) {
  std::uint32_t mask = 0;
  std::memcpy(&mask, bytes.data(), sizeof(mask));
  return mask;
}

std::string frame(Opcode opcode, std::string_view payload, bool compressed = false) {
  std::string out;
  append_frame(out, opcode, payload, compressed);
  return out;
}

TEST(Frame, IsWrittenAsInTheExamplesOfRfc6455) {
  EXPECT_EQ(frame(Opcode::kText, "Hello"), "\x81\x05Hello");
  EXPECT_EQ(frame(Opcode::kPing, "Hello"), "\x89\x05Hello");
  std::string masked;
  append_masked_frame(masked, Opcode::kText, "Hello", mask_of("\x37\xfa\x21\x3d"));
  EXPECT_EQ(masked, "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
}

TEST(Frame, CarriesTheShortestLength) {
  using namespace std::string_literals;
  const auto header = [](std::uint64_t payload_bytes) {
    std::string out(kServerHeaderBytesMax, '\0');
    out.resize(write_frame_header(out.data(), Opcode::kBinary, payload_bytes));
    EXPECT_EQ(out.size(), frame_header_bytes(payload_bytes));
    return out;
  };
  EXPECT_EQ(header(0), "\x82\x00"s);
  EXPECT_EQ(header(125), "\x82\x7D"s);
  EXPECT_EQ(header(126), "\x82\x7E\x00\x7E"s);
  EXPECT_EQ(header(65535), "\x82\x7E\xFF\xFF"s);
  EXPECT_EQ(header(65536), "\x82\x7F\x00\x00\x00\x00\x00\x01\x00\x00"s);
  EXPECT_EQ(header(0x0102030405060708), "\x82\x7F\x01\x02\x03\x04\x05\x06\x07\x08"s);
}

TEST(Frame, MarksCompressionInTheFirstReservedBit) {
  EXPECT_EQ(frame(Opcode::kText, "x", true), "\xC1\x01x");
}

TEST(Frame, IsAppendedToWhatIsThere) {
  std::string out = "before";
  append_frame(out, Opcode::kText, "a");
  append_masked_frame(out, Opcode::kText, "a", mask_of("\x01\x02\x03\x04"));
  EXPECT_EQ(out,
            "before\x81\x01"
            "a\x81\x81\x01\x02\x03\x04\x60");
}

TEST(CloseFrame, HoldsCodeAndReason) {
  std::string out;
  append_close(out, kGoingAway, "bye");
  EXPECT_EQ(out,
            "\x88\x05\x03\xE9"
            "bye");
  out.clear();
  append_close(out, kNoStatus, "ignored");
  EXPECT_EQ(out, std::string("\x88\x00", 2));
  out.clear();
  append_masked_close(out, kNormal, "", mask_of("\xFF\xFF\xFF\xFF"));
  EXPECT_EQ(out, "\x88\x82\xFF\xFF\xFF\xFF\xFC\x17");
}

TEST(CloseFrame, CutsTheReasonBetweenCharacters) {
  for (const std::string_view character : {"a", "\u00e9", "\u20ac", "\U0001F600"}) {
    for (std::size_t lead = 0; lead < 4; ++lead) {
      std::string reason(lead, 'x');
      while (reason.size() < 200) reason += character;
      std::string out;
      append_close(out, kPolicy, reason);
      const std::string_view kept = std::string_view(out).substr(4);
      EXPECT_TRUE(is_utf8(kept));
      EXPECT_LE(kept.size(), 123U);
      EXPECT_GT(kept.size(), 123U - character.size());
      EXPECT_EQ(kept, std::string_view(reason).substr(0, kept.size()));
    }
  }
}

TEST(CloseCode, IsForTheWireAsTheRegistrySays) {
  for (unsigned code = 0; code <= 0xFFFF; ++code) {
    const bool assigned = code == 1000 || code == 1001 || code == 1002 || code == 1003 ||
                          code == 1007 || code == 1008 || code == 1009 || code == 1010 ||
                          code == 1011 || code == 1012 || code == 1013 || code == 1014;
    EXPECT_EQ(may_be_sent(static_cast<std::uint16_t>(code)),
              assigned || (code >= 3000 && code <= 4999))
        << code;
  }
}

TEST(Mask, IsXorAtEveryOffsetAndLength) {
  const std::uint32_t mask = mask_of("\x12\xB4\x56\xF8");
  std::array<char, 4> mask_bytes;
  std::memcpy(mask_bytes.data(), &mask, 4);
  for (std::size_t length = 0; length < 70; ++length) {
    for (std::uint64_t offset = 0; offset < 9; ++offset) {
      std::string bytes(length, '\0');
      for (std::size_t i = 0; i < length; ++i) bytes[i] = static_cast<char>(i * 7);
      std::string expected = bytes;
      for (std::size_t i = 0; i < length; ++i) {
        expected[i] = static_cast<char>(expected[i] ^ mask_bytes[(i + offset) % 4]);
      }
      apply_mask(bytes, mask, offset);
      EXPECT_EQ(bytes, expected) << length << " at " << offset;
    }
  }
}

}  // namespace
}  // namespace spillway::websocket
