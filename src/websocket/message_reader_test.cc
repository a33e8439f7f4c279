#include "websocket/message_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "websocket/close_code.h"
#include "websocket/testing/recorded_events.h"

namespace spillway::websocket {
namespace {

using namespace std::string_literals;
using testing::binary_message;
using ::testing::ElementsAre;
using testing::for_each_cut;
using ::testing::IsEmpty;
using testing::Pieces;
using testing::read_pieces;
using testing::Recorded;
using testing::text_message;
using Kind = Recorded::Kind;

constexpr std::uint32_t kMask = 0x8C3F52A1;
constexpr ReaderOptions kServer{.message_bytes_max = 1000};

// A masked frame whose first byte is `first`: FIN, reserved bits and opcode as they are.
std::string frame(unsigned first, std::string_view payload) {
  std::string out;
  append_masked_frame(out, Opcode::kBinary, payload, kMask);
  out[0] = static_cast<char>(first);
  return out;
}

std::string close_frame(unsigned code, std::string_view reason) {
  std::string payload = {static_cast<char>(code >> 8U), static_cast<char>(code)};
  return frame(0x88, payload.append(reason));
}

// What a reader says about `bytes`, however they are cut.
std::vector<Recorded> read(const std::string& bytes, const ReaderOptions& options = kServer) {
  std::vector<Recorded> first;
  bool compare = false;
  for_each_cut(bytes, [&](const Pieces& pieces) {
    MessageReader reader(options);
    auto events = read_pieces(reader, pieces);
    EXPECT_TRUE(!std::exchange(compare, true) || events == first);
    first = std::move(events);
  });
  return first;
}

int failure_code(const std::string& bytes, const ReaderOptions& options = kServer) {
  const auto events = read(bytes, options);
  return !events.empty() && events.back().kind == Kind::kFailure ? events.back().number : 0;
}

TEST(MessageReader, DeliversMessagesOfEveryLengthForm) {
  ReaderOptions options = kServer;
  options.message_bytes_max = 70'000;
  std::string bytes;
  std::vector<Recorded> expected;
  for (const std::size_t size : {0, 1, 7, 8, 9, 125, 126, 127, 1000}) {
    bytes += frame(0x81, std::string(size, 'a')) + frame(0x82, std::string(size, '\xFF'));
    expected.push_back(text_message(std::string(size, 'a')));
    expected.push_back(binary_message(std::string(size, '\xFF')));
  }
  EXPECT_EQ(read(bytes, options), expected);
  for (const std::size_t size : {65'535, 65'536, 70'000}) {
    EXPECT_THAT(read(frame(0x81, std::string(size, 'b')), options),
                ElementsAre(text_message(std::string(size, 'b'))));
  }
}

TEST(MessageReader, JoinsFragmentsAndAnswersControlFramesBetweenThem) {
  const std::string bytes = frame(0x01, "Hel") + frame(0x89, "ping") + frame(0x00, "") +
                            frame(0x8A, "") + frame(0x80, "lo") + frame(0x82, "next");
  EXPECT_THAT(read(bytes),
              ElementsAre(Recorded{Kind::kPing, 0, "ping"}, Recorded{Kind::kPong, 0, ""},
                          text_message("Hello"), binary_message("next")));
}

TEST(MessageReader, TakesFragmentsThatAreAllEmpty) {
  EXPECT_THAT(read(frame(0x01, "") + frame(0x00, "") + frame(0x80, "")),
              ElementsAre(text_message("")));
}

TEST(MessageReader, TakesTheLongestControlFrameAndRefusesALongerOne) {
  const std::string longest(125, 'p');
  EXPECT_THAT(read(frame(0x89, longest)), ElementsAre(Recorded{Kind::kPing, 0, longest}));
  EXPECT_EQ(failure_code(frame(0x89, std::string(126, 'p'))), kProtocolError);
}

// Every first byte, either mask bit, inside a message and outside, against the rules as a table.
TEST(MessageReader, JudgesEveryFirstByte) {
  for (const bool in_message : {false, true}) {
    for (unsigned first = 0; first <= 0xFF; ++first) {
      const unsigned opcode = first & 0x0FU;
      const bool control = opcode == 8 || opcode == 9 || opcode == 10;
      const bool data = opcode <= 2;
      const bool in_place = control ? (first & 0x80U) != 0 : (opcode == 0) == in_message;
      const bool allowed = (first & 0x70U) == 0 && (control || data) && in_place;
      const std::string before = in_message ? frame(0x02, "a") : "";
      EXPECT_EQ(failure_code(before + frame(first, "")), allowed ? 0 : kProtocolError) << first;
      std::string unmasked = frame(first, "");
      unmasked[1] = '\0';
      EXPECT_EQ(failure_code(before + unmasked.substr(0, 2)), kProtocolError) << first;
    }
  }
}

TEST(MessageReader, RefusesLengthsNotInTheirShortestForm) {
  for (const std::string& length :
       {"\xFE\x00\x00"s, "\xFE\x00\x7D"s, "\xFF\x00\x00\x00\x00\x00\x00\x00\x05"s,
        "\xFF\x00\x00\x00\x00\x00\x00\xFF\xFF"s, "\xFF\x80\x00\x00\x00\x00\x00\x00\x00"s,
        "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"s}) {
    EXPECT_EQ(failure_code("\x82"s + length), kProtocolError);
  }
}

TEST(MessageReader, RefusesTooBigAMessageAtItsHeader) {
  const std::string header = frame(0x82, std::string(1001, 'x')).substr(0, 4);
  EXPECT_THAT(read(header), ElementsAre(Recorded{Kind::kFailure, kTooBig, "message too big"}));
  EXPECT_EQ(failure_code("\x82\xFF\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF"s), kTooBig);
  EXPECT_THAT(read(frame(0x82, std::string(1000, 'x'))),
              ElementsAre(binary_message(std::string(1000, 'x'))));
}

TEST(MessageReader, SumsFragmentsForTheLimit) {
  const std::string most = frame(0x02, std::string(600, 'x')) + frame(0x00, std::string(300, 'x'));
  EXPECT_EQ(failure_code(most + frame(0x80, std::string(101, 'x')).substr(0, 2)), kTooBig);
  EXPECT_THAT(read(most + frame(0x80, std::string(100, 'x')) + frame(0x82, "y")),
              ElementsAre(binary_message(std::string(1000, 'x')), binary_message("y")));
}

TEST(MessageReader, AppliesTheFrameRulesOfItsRole) {
  const ReaderOptions client{.role = ReaderOptions::Role::kClient, .message_bytes_max = 1000};
  std::string bytes;
  append_frame(bytes, Opcode::kText, "Hello");
  append_frame(bytes, Opcode::kBinary, std::string(300, 'x'));
  EXPECT_THAT(read(bytes, client),
              ElementsAre(text_message("Hello"), binary_message(std::string(300, 'x'))));
  EXPECT_EQ(failure_code(frame(0x81, "Hello"), client), kProtocolError);
  EXPECT_EQ(failure_code(bytes), kProtocolError);
}

TEST(MessageReader, RefusesBinaryWhereOnlyTextIsSpoken) {
  ReaderOptions options = kServer;
  options.allow_binary = false;
  EXPECT_EQ(failure_code(frame(0x82, "x"), options), kUnsupportedData);
  EXPECT_EQ(failure_code("\x02"s, options), kUnsupportedData);
  EXPECT_THAT(read(frame(0x01, "x") + frame(0x80, "y"), options), ElementsAre(text_message("xy")));
}

TEST(MessageReader, ReadsCloseFramesAndNothingAfterThem) {
  const std::string after = frame(0x81, "late");
  EXPECT_THAT(read(close_frame(4001, "drain\u00e9") + after),
              ElementsAre(Recorded{Kind::kClose, 4001, "drain\u00e9"}));
  EXPECT_THAT(read(frame(0x88, "") + after), ElementsAre(Recorded{Kind::kClose, kNoStatus, ""}));
  EXPECT_THAT(read(frame(0x01, "open") + close_frame(1000, "")),
              ElementsAre(Recorded{Kind::kClose, kNormal, ""}));
}

TEST(MessageReader, RefusesBadCloseFrames) {
  EXPECT_THAT(read(frame(0x88, "\x03")),
              ElementsAre(Recorded{Kind::kFailure, kProtocolError, "close code cut short"}));
  EXPECT_EQ(failure_code(close_frame(1000, "\xC3")), kInvalidPayload);
  for (const unsigned code : {0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535}) {
    EXPECT_EQ(failure_code(close_frame(code, "")), kProtocolError) << code;
  }
}

TEST(MessageReader, AcceptsNothingAfterAFailure) {
  const auto events = read(frame(0x83, "x") + frame(0x81, "late"));
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].number, kProtocolError);
}

TEST(MessageReader, RefusesTextThatIsNotUtf8) {
  EXPECT_EQ(failure_code(frame(0x81, "ab\xFF")), kInvalidPayload);
  EXPECT_EQ(failure_code(frame(0x81, "ab\xE2\x82")), kInvalidPayload);  // ends inside a character
  EXPECT_EQ(failure_code(frame(0x01, "\xE2") + frame(0x80, "\x82")), kInvalidPayload);
  EXPECT_THAT(
      read(frame(0x01, "\xE2") + frame(0x89, "") + frame(0x00, "\x82") + frame(0x80, "\xAC")),
      ElementsAre(Recorded{Kind::kPing, 0, ""}, text_message("\u20ac")));
  EXPECT_THAT(read(frame(0x82, "\xFF")), ElementsAre(binary_message("\xFF")));
}

TEST(MessageReader, FailsAtTheBadByteInsideAnUnfinishedFrame) {
  const std::string whole = frame(0x01, "ab\xED\xA0\x80 and more");
  constexpr std::size_t kHeader = 6;
  EXPECT_THAT(read(whole.substr(0, kHeader + 3)), IsEmpty());
  EXPECT_EQ(failure_code(whole.substr(0, kHeader + 4)), kInvalidPayload);
}

TEST(MessageReader, CountsFramesByTheirHeaders) {
  const std::string bytes = frame(0x01, "a") + frame(0x89, "") + frame(0x80, "b");
  for_each_cut(bytes, [](const Pieces& pieces) {
    MessageReader reader(kServer);
    read_pieces(reader, pieces);
    EXPECT_EQ(reader.frames(), 3U);
  });
  MessageReader reader(kServer);
  read_pieces(reader, {frame(0x81, "payload").substr(0, 6)});
  EXPECT_EQ(reader.frames(), 1U);
}

}  // namespace
}  // namespace spillway::websocket
