#include <gtest/gtest.h>

#include "protocol/close_code.h"
#include "protocol/error_code.h"
#include "protocol/position.h"
#include "protocol/redis_names.h"
#include "protocol/text.h"

namespace spillway::protocol {
namespace {

TEST(CloseCode, TheRangeSaysWhetherToComeBack) {
  for (const std::uint16_t code : {1001, 1006, 1011, 1012, 1013, 4000, 4003, 4400, 4499}) {
    EXPECT_TRUE(is_retryable(code)) << code;
  }
  for (const std::uint16_t code : {1000, 1002, 1003, 1005, 1007, 1009, 1010, 4500, 4503, 4999}) {
    EXPECT_FALSE(is_retryable(code)) << code;
  }
}

TEST(CloseCode, ReasonsFitIntoACloseFrame) {
  for (const CloseCode code :
       {CloseCode::kNormal, CloseCode::kGoingAway, CloseCode::kProtocolError,
        CloseCode::kUnsupportedData, CloseCode::kInvalidText, CloseCode::kMessageTooBig,
        CloseCode::kInternalError, CloseCode::kSlowViewer, CloseCode::kDraining, CloseCode::kNoPong,
        CloseCode::kFateUnknown, CloseCode::kBadRequest, CloseCode::kUnauthorized,
        CloseCode::kBanned, CloseCode::kAbuse}) {
    EXPECT_GT(reason(code).size(), 0U);
    EXPECT_LE(reason(code).size(), 123U);
  }
}

TEST(ErrorCode, NamesLeadBackToTheirCode) {
  EXPECT_EQ(error_code_of("unauthorized"), ErrorCode::kUnauthorized);
  EXPECT_EQ(error_code_of("message_too_long"), ErrorCode::kMessageTooLong);
  EXPECT_EQ(error_code_of("Unauthorized"), std::nullopt);
  EXPECT_EQ(error_code_of(""), std::nullopt);
}

TEST(Text, ControlCharactersAreC0DelAndC1) {
  for (const std::string_view text : {"\x01", "a\x1f", "\x7f", "\xc2\x80", "é\xc2\x9f"}) {
    EXPECT_TRUE(has_control_character(text));
  }
  EXPECT_TRUE(has_control_character(std::string_view("\0", 1)));
  for (const std::string_view text : {"", " ", "a~", "\xc2\xa0", "é", "部屋", "\xc3\x85"}) {
    EXPECT_FALSE(has_control_character(text));
  }
}

TEST(Text, ChatIdsAreBounded) {
  EXPECT_TRUE(is_chat_id("a"));
  EXPECT_TRUE(is_chat_id(std::string(128, 'a')));
  EXPECT_FALSE(is_chat_id(std::string(129, 'a')));
  EXPECT_FALSE(is_chat_id(""));
  EXPECT_FALSE(is_chat_id("a{"));
  EXPECT_FALSE(is_chat_id("}a"));
  EXPECT_FALSE(is_chat_id("\xff"));
  EXPECT_FALSE(is_chat_id("a\n"));
}

TEST(Position, EpochsArePlainWords) {
  EXPECT_TRUE(is_epoch("azAZ09_-"));
  EXPECT_TRUE(is_epoch(std::string(64, 'e')));
  EXPECT_FALSE(is_epoch(std::string(65, 'e')));
  for (const std::string_view text : {"", " ", "a b", "a.b", "é", "a\n", "@", "[", "`", "{", "/"}) {
    EXPECT_FALSE(is_epoch(text)) << text;
  }
}

TEST(RedisNames, AreThoseOfTheDocument) {
  const RedisNames names;
  EXPECT_EQ(names.servers_clients(), "servers:clients");
  EXPECT_EQ(names.servers_cumulative_socket_writes(), "servers:cumulative-socket-writes");
  EXPECT_EQ(names.servers_event_loop(), "servers:event-loop");
  EXPECT_EQ(names.servers_fanout(), "servers:fanout");
  EXPECT_EQ(names.rooms_clients(), "chat-rooms:clients");
  EXPECT_EQ(names.rooms_cumulative_messages(), "chat-rooms:cumulative-messages");
  EXPECT_EQ(names.rooms_cumulative_socket_writes(), "chat-rooms:cumulative-socket-writes");
  EXPECT_EQ(names.server_hash("u"), "server:u");
  EXPECT_EQ(names.server_channel("u"), "server:u");
  EXPECT_EQ(names.control_channel("u"), "u");
  EXPECT_EQ(names.room_channel("lobby"), "room:{lobby}");
  EXPECT_EQ(names.room_log("lobby"), "room:{lobby}:log");
  EXPECT_EQ(names.room_meta("lobby"), "room:{lobby}:meta");
}

TEST(RedisNames, PrefixStandsBeforeEachOfThem) {
  const RedisNames names("p:");
  for (const std::string& name :
       {names.servers_clients(), names.servers_cumulative_socket_writes(),
        names.servers_event_loop(), names.servers_fanout(), names.rooms_clients(),
        names.rooms_cumulative_messages(), names.rooms_cumulative_socket_writes(),
        names.server_hash("u"), names.server_channel("u"), names.control_channel("u"),
        names.room_channel("r"), names.room_log("r"), names.room_meta("r")}) {
    EXPECT_EQ(name.substr(0, 2), "p:");
  }
}

TEST(RedisNames, ChannelLeadsBackToItsRoom) {
  for (const std::string prefix : {"", "p:", "room:{"}) {
    const RedisNames names(prefix);
    for (const std::string_view room : {"lobby", "a:b", "部屋", "room:", "x"}) {
      EXPECT_EQ(names.room_of_channel(names.room_channel(room)), room);
    }
  }
}

TEST(RedisNames, OtherChannelsAreNoRoom) {
  const RedisNames names("p:");
  for (const std::string_view channel :
       {"", "p:", "p:room:{}", "p:room:{a", "room:{a}", "q:room:{a}", "p:room:{a}:log",
        "p:room:{a}b}", "p:room:{a{}", "p:server:u", "p:room:{\xff}", "p:room:{a\n}"}) {
    EXPECT_EQ(names.room_of_channel(channel), std::nullopt) << channel;
  }
}

}  // namespace
}  // namespace spillway::protocol
