#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "websocket/close_code.h"
#include "websocket/message_reader.h"
#include "websocket/testing/recorded_events.h"

namespace spillway::websocket {
namespace {

using namespace std::string_literals;
using testing::binary_message;
using ::testing::ElementsAre;
using testing::for_each_cut;
using testing::Pieces;
using testing::read_pieces;
using testing::Recorded;
using testing::text_message;
using Kind = Recorded::Kind;

constexpr ReaderOptions kDeflate{.deflate = true, .message_bytes_max = 100'000};

std::string frame(unsigned first, std::string_view payload) {
  std::string out;
  append_masked_frame(out, Opcode::kBinary, payload, 0xA1B2C3D4);
  out[0] = static_cast<char>(first);
  return out;
}

std::string deflated(std::string_view message) {
  std::string out;
  Deflater(6, 15, false).deflate(message, out);
  return out;
}

std::string in_two_frames(std::string_view wire) {
  return frame(0x41, wire.substr(0, wire.size() / 2)) + frame(0x80, wire.substr(wire.size() / 2));
}

// What readers with and without context takeover say about `bytes`, however they are cut.
std::vector<Recorded> read(const std::string& bytes, const ReaderOptions& options = kDeflate) {
  std::vector<Recorded> first;
  bool compare = false;
  for (const bool takeover : {false, true}) {
    for_each_cut(bytes, [&](const Pieces& pieces) {
      MessageReader reader(options);
      Inflater inflater(15, takeover);
      auto events = read_pieces(reader, pieces, &inflater);
      EXPECT_TRUE(!std::exchange(compare, true) || events == first);
      first = std::move(events);
    });
  }
  return first;
}

int failure_code(const std::string& bytes, const ReaderOptions& options = kDeflate) {
  const auto events = read(bytes, options);
  return !events.empty() && events.back().kind == Kind::kFailure ? events.back().number : 0;
}

std::string repeated(std::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

TEST(CompressedMessage, IsInflatedWholeOrInFragments) {
  const std::string text = repeated("hello \u20ac ", 3000);
  const std::string wire = deflated(text);
  EXPECT_THAT(read(frame(0xC1, wire) + in_two_frames(wire) + frame(0x81, "plain") +
                   frame(0xC2, deflated("\xFF"))),
              ElementsAre(text_message(text), text_message(text), text_message("plain"),
                          binary_message("\xFF")));
}

TEST(CompressedMessage, MayBeInterruptedByControlFrames) {
  const std::string wire = deflated("Hello");
  EXPECT_THAT(read(frame(0x41, wire.substr(0, 2)) + frame(0x89, "p") + frame(0x00, "") +
                   frame(0x80, wire.substr(2))),
              ElementsAre(Recorded{Kind::kPing, 0, "p"}, text_message("Hello")));
}

TEST(CompressedMessage, MayBeEmptyInEveryForm) {
  EXPECT_THAT(read(frame(0xC1, "\0"s) + frame(0xC1, "") + frame(0x41, "") + frame(0x80, "") +
                   frame(0xC1, deflated("x"))),
              ElementsAre(text_message(""), text_message(""), text_message(""), text_message("x")));
}

TEST(CompressedMessage, IsMarkedInItsFirstFrameOnly) {
  const std::string wire = deflated("Hello");
  EXPECT_EQ(failure_code(frame(0x41, wire) + frame(0xC0, "")), kProtocolError);
  EXPECT_EQ(failure_code(frame(0xC9, "")), kProtocolError);
  EXPECT_EQ(failure_code(frame(0xA1, "")), kProtocolError);
  EXPECT_EQ(failure_code(frame(0x91, "")), kProtocolError);
  ReaderOptions plain = kDeflate;
  plain.deflate = false;
  EXPECT_EQ(failure_code(frame(0xC1, wire), plain), kProtocolError);
}

TEST(CompressedMessage, IsCheckedForUtf8) {
  EXPECT_EQ(failure_code(frame(0xC1, deflated("ab\xFF"))), kInvalidPayload);
  EXPECT_EQ(failure_code(frame(0xC1, deflated("ab\xE2\x82"))), kInvalidPayload);
  EXPECT_EQ(failure_code(in_two_frames(deflated("ab\xFF"))), kInvalidPayload);
}

TEST(CompressedMessage, FailsOnCorruptData) {
  EXPECT_EQ(failure_code(frame(0xC2, "\xFF\xFF\xFF\xFF")), kInvalidPayload);
  EXPECT_EQ(failure_code(frame(0xC2, deflated("Hello").substr(0, 4))), kInvalidPayload);
}

TEST(CompressedMessage, IsLimitedByItsInflatedSize) {
  ReaderOptions options = kDeflate;
  options.message_bytes_max = 5000;
  const std::string most(5000, 'x');
  EXPECT_THAT(read(frame(0xC1, deflated(most)), options), ElementsAre(text_message(most)));
  EXPECT_EQ(failure_code(frame(0xC1, deflated(most + "x")), options), kTooBig);
  EXPECT_EQ(failure_code(in_two_frames(deflated(std::string(1'000'000, 'x'))), options), kTooBig);
}

TEST(CompressedMessage, IsLimitedByItsDeclaredSize) {
  ReaderOptions options = kDeflate;
  options.message_bytes_max = 5000;
  const std::string header = frame(0xC2, std::string(6400, 'x')).substr(0, 4);
  EXPECT_EQ(failure_code(header, options), kTooBig);
  // Noise grows when compressed; a message of the allowed size must still pass.
  std::string noise(5000, '\0');
  Random random(7);
  for (char& c : noise) c = static_cast<char>(random.below(256));
  EXPECT_GT(deflated(noise).size(), 5000U);
  EXPECT_THAT(read(frame(0xC2, deflated(noise)), options), ElementsAre(binary_message(noise)));
}

TEST(CompressedMessage, UsesTheWindowOfEarlierOnesWithTakeover) {
  Deflater deflater(6, 15, true);
  std::string bytes;
  std::vector<Recorded> expected;
  for (int i = 0; i < 5; ++i) {
    std::string wire;
    deflater.deflate("the same text each time", wire);
    bytes += in_two_frames(wire);
    expected.push_back(text_message("the same text each time"));
  }
  for_each_cut(bytes, [&](const Pieces& pieces) {
    MessageReader reader(kDeflate);
    Inflater inflater(15, true);
    EXPECT_EQ(read_pieces(reader, pieces, &inflater), expected);
    EXPECT_TRUE(reader.idle());
  });
}

TEST(CompressedMessage, IsRightWhenConnectionsTakeTurnsOnOneInflater) {
  Inflater shared(15, false);
  MessageReader a(kDeflate);
  MessageReader b(kDeflate);
  const std::string text_a = repeated("from a ", 200);
  const std::string text_b = repeated("from b ", 300);
  const Pieces pieces_a = testing::random_pieces(in_two_frames(deflated(text_a)), 1);
  const Pieces pieces_b = testing::random_pieces(in_two_frames(deflated(text_b)), 2);
  std::vector<Recorded> events;
  for (std::size_t i = 0; i < std::max(pieces_a.size(), pieces_b.size()); ++i) {
    const auto feed = [&](MessageReader& reader, const Pieces& pieces) {
      if (i >= pieces.size()) return;
      for (Recorded& event : read_pieces(reader, {pieces[i]}, &shared)) events.push_back(event);
    };
    feed(a, pieces_a);
    feed(b, pieces_b);
  }
  EXPECT_THAT(events, ::testing::UnorderedElementsAre(text_message(text_a), text_message(text_b)));
}

}  // namespace
}  // namespace spillway::websocket
