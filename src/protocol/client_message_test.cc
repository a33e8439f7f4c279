#include "protocol/client_message.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/random.h"
#include "protocol/client_writer.h"

namespace spillway::protocol {
namespace {

const std::string kFull =
    R"({"type":"chat","payload":{"message":"h\u00e9\n","id":"x7","data":{"a":[{"b":"]}\""},1]}}})";

bool is_rejected(const ClientMessage& message, ErrorCode code) {
  const Rejection* const rejection = std::get_if<Rejection>(&message);
  return rejection != nullptr && rejection->code == code;
}

std::string chat_with(std::string_view message) {
  return R"({"type":"chat","payload":{"message":")" + std::string(message) + R"("}})";
}

std::string nested(std::size_t levels) {
  return std::string(levels, '[') + std::string(levels, ']');
}

TEST(ClientMessageParser, RejectsEveryPrefixOfAMessage) {
  ClientMessageParser parser{MessageLimits{}};
  ASSERT_TRUE(std::holds_alternative<Chat>(parser.parse(kFull)));
  for (std::size_t size = 0; size < kFull.size(); ++size) {
    EXPECT_TRUE(is_rejected(parser.parse(kFull.substr(0, size)), ErrorCode::kBadRequest)) << size;
  }
}

TEST(ClientMessageParser, RejectsBytesThatAreNotUtf8WhereverTheyStand) {
  const std::vector<std::string> hostile{
      "\x80",     "\xff",         "\xc0\x80",         "\xc3",
      "\xe2\x82", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf0\x9f\x8e",
  };
  ClientMessageParser parser{MessageLimits{}};
  for (const std::string& bytes : hostile) {
    const std::vector<std::string> texts{
        chat_with(bytes),
        R"({"type":"register","payload":{"chatId":"a)" + bytes + R"("}})",
        R"({"type":"chat","payload":{"message":"hello","data":{"a":")" + bytes + R"("}}})",
        R"({"type":"chat","x)" + bytes + R"(":1,"payload":{"message":"hello"}})",
        chat_with("hello") + bytes,
        bytes,
    };
    for (const std::string& text : texts) {
      EXPECT_TRUE(is_rejected(parser.parse(text), ErrorCode::kBadRequest)) << text;
    }
  }
}

TEST(ClientMessageParser, ObeysTheLimitsItIsGiven) {
  MessageLimits limits;
  limits.message_bytes_max = 5;
  limits.id_bytes_max = 2;
  limits.data_bytes_max = 9;
  limits.data_depth_max = 2;
  limits.chat_id_bytes_max = 3;
  limits.history_max = 7;
  ClientMessageParser parser(limits);
  const auto parse_chat = [&](std::string_view id, std::string_view data) {
    std::string text;
    append_chat_request(text, "hello", id, data);
    return std::holds_alternative<Chat>(parser.parse(text));
  };
  EXPECT_TRUE(parse_chat("ab", R"({"a":[1]})"));
  EXPECT_FALSE(parse_chat("abc", {}));
  EXPECT_FALSE(parse_chat("ab", R"({"a":[12]})"));
  EXPECT_FALSE(parse_chat("ab", R"({"a":[[]]})"));
  EXPECT_TRUE(is_rejected(parser.parse(chat_with("hello!")), ErrorCode::kMessageTooLong));

  std::string text;
  append_register(text, "abc", std::nullopt, 8);
  EXPECT_EQ(std::get<Register>(parser.parse(text)).history, 7U);
  text.clear();
  append_register(text, "abcd");
  EXPECT_TRUE(is_rejected(parser.parse(text), ErrorCode::kBadRequest));
}

TEST(ClientMessageParser, ReadsTheLongestMessageInItsLongestForm) {
  const MessageLimits limits;
  ClientMessageParser parser(limits);
  std::string escaped;
  for (std::size_t n = 0; n < limits.message_bytes_max; ++n) escaped += "\\u0001";
  const ClientMessage message = parser.parse(chat_with(escaped));
  EXPECT_EQ(std::get<Chat>(message).message.size(), limits.message_bytes_max);
  EXPECT_TRUE(is_rejected(parser.parse(chat_with(escaped + "a")), ErrorCode::kMessageTooLong));
}

TEST(ClientMessageParser, RejectsATextBeyondTheWebSocketLimit) {
  ClientMessageParser parser{MessageLimits{}};
  const std::size_t bytes_max = websocket_message_bytes_max(2048);
  std::string text = chat_with("hello");
  text.append(bytes_max - text.size(), ' ');
  EXPECT_TRUE(std::holds_alternative<Chat>(parser.parse(text)));
  EXPECT_TRUE(is_rejected(parser.parse(text + ' '), ErrorCode::kBadRequest));
  const std::string long_message = chat_with(std::string(bytes_max, 'a'));
  EXPECT_TRUE(is_rejected(parser.parse(long_message), ErrorCode::kBadRequest));
}

TEST(ClientMessageParser, BoundsTheDepthOfWhatItIgnores) {
  ClientMessageParser parser{MessageLimits{}};
  const auto with_unknown = [](const std::string& value) {
    return R"({"x":)" + value + R"(,"type":"chat","payload":{"message":"hello"}})";
  };
  EXPECT_TRUE(std::holds_alternative<Chat>(parser.parse(with_unknown(nested(30)))));
  EXPECT_FALSE(std::holds_alternative<Chat>(parser.parse(with_unknown(nested(32)))));
  EXPECT_FALSE(std::holds_alternative<Chat>(parser.parse(with_unknown(nested(9000)))));
}

TEST(ClientMessageParser, KeepsNothingOfTheMessageBefore) {
  ClientMessageParser parser{MessageLimits{}};
  ASSERT_TRUE(std::holds_alternative<Chat>(parser.parse(kFull)));
  EXPECT_TRUE(is_rejected(parser.parse(R"({"type":"chat","payload":{"message":"h)"),
                          ErrorCode::kBadRequest));
  const ClientMessage message = parser.parse(chat_with("plain"));
  EXPECT_EQ(std::get<Chat>(message).message, "plain");
  EXPECT_EQ(std::get<Chat>(message).id, "");
  EXPECT_EQ(std::get<Chat>(message).data, "");
}

// Whatever is accepted must come through its own writer unchanged, however broken the bytes were.
TEST(ClientMessageParser, AcceptsNoMutationThatItDoesNotUnderstand) {
  Random random(20'261'124);
  ClientMessageParser parser{MessageLimits{}};
  ClientMessageParser again{MessageLimits{}};
  for (int round = 0; round < 20'000; ++round) {
    std::string text = kFull;
    for (std::uint64_t edits = 1 + random.below(3); edits > 0; --edits) {
      text[random.below(text.size())] = static_cast<char>(random.below(256));
    }
    const ClientMessage message = parser.parse(text);
    const Chat* const chat = std::get_if<Chat>(&message);
    if (chat == nullptr) continue;
    std::string written;
    append_chat_request(written, chat->message, chat->id, chat->data);
    const ClientMessage second = again.parse(written);
    ASSERT_TRUE(std::holds_alternative<Chat>(second)) << text;
    EXPECT_EQ(std::get<Chat>(second).message, chat->message);
    EXPECT_EQ(std::get<Chat>(second).id, chat->id);
    EXPECT_EQ(std::get<Chat>(second).data, chat->data);
  }
}

}  // namespace
}  // namespace spillway::protocol
