#include "protocol/server_message.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/random.h"
#include "protocol/server_message_parser.h"

namespace spillway::protocol {
namespace {

const std::string kCoalesced =
    R"([{"type":"chat","seq":42,"id":"a","ts":1,"message":"x","data":{"name":"ada"}},)"
    R"({"type":"registered","payload":{"chatId":"r","epoch":"e","seq":1,"viewers":2}}])";

std::string welcome_at(std::int64_t ms) {
  std::string out;
  append_welcome(out, WallTime{ms}, "s");
  return out;
}

TEST(ServerMessage, WelcomeTellsTheTimeInIso8601) {
  EXPECT_NE(welcome_at(0).find("\"1970-01-01T00:00:00.000Z\""), std::string::npos);
  EXPECT_NE(welcome_at(951'827'696'007).find("\"2000-02-29T12:34:56.007Z\""), std::string::npos);
  EXPECT_NE(welcome_at(-1).find("\"1969-12-31T23:59:59.999Z\""), std::string::npos);
}

TEST(ServerMessage, EveryWriterAppends) {
  std::string out;
  append_viewers(out, 1);
  append_gap(out, 1, 2);
  append_error(out, ErrorCode::kBadRequest, "\"");
  EXPECT_EQ(out, R"({"type":"viewers","payload":{"viewers":1}})"
                 R"({"type":"gap","payload":{"from":1,"to":2}})"
                 R"({"type":"error","payload":{"code":"bad_request","message":"\""}})");
}

TEST(ServerMessageParser, ReportsNothingOfAMessageThatIsCutShort) {
  ServerMessageParser parser;
  int events = 0;
  const auto count = [&](const ServerEvent&) { ++events; };
  for (std::size_t size = 0; size < kCoalesced.size(); ++size) {
    EXPECT_FALSE(parser.parse(kCoalesced.substr(0, size), count)) << size;
  }
  EXPECT_EQ(events, 0);
  EXPECT_TRUE(parser.parse(kCoalesced, count));
  EXPECT_EQ(events, 2);
}

TEST(ServerMessageParser, IsBounded) {
  ServerMessageParser parser(100);
  const auto ignore = [](const ServerEvent&) {};
  EXPECT_TRUE(parser.parse("[]" + std::string(98, ' '), ignore));
  EXPECT_FALSE(parser.parse("[]" + std::string(99, ' '), ignore));
}

TEST(ServerMessageParser, SurvivesAnyMutation) {
  Random random(7);
  ServerMessageParser parser;
  for (int round = 0; round < 20'000; ++round) {
    std::string text = kCoalesced;
    for (std::uint64_t edits = 1 + random.below(3); edits > 0; --edits) {
      text[random.below(text.size())] = static_cast<char>(random.below(256));
    }
    std::size_t events = 0;
    const bool read = parser.parse(text, [&](const ServerEvent&) { ++events; });
    EXPECT_TRUE(read || events == 0);
  }
}

}  // namespace
}  // namespace spillway::protocol
