#include "protocol/message_line.h"

#include <gtest/gtest.h>

#include "protocol/batch.h"
#include "protocol/client_message.h"
#include "protocol/json_writer.h"

namespace spillway::protocol {
namespace {

std::string line_of(std::string_view id, std::int64_t ts_ms, std::string_view message,
                    std::string_view data) {
  std::string line;
  append_message_line(line, id, ts_ms, message, data);
  return line;
}

std::string json_string(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

TEST(JsonWriter, WritesTheShortestFormOfEveryByte) {
  EXPECT_EQ(json_string(""), R"("")");
  EXPECT_EQ(json_string("a/b \x7f é 部 🎉"), "\"a/b \x7f é 部 🎉\"");
  EXPECT_EQ(json_string("\"\\\b\f\n\r\t"), R"("\"\\\b\f\n\r\t")");
  EXPECT_EQ(json_string(std::string_view("\0\x01\x1f", 3)), R"("\u0000\u0001\u001f")");
  EXPECT_EQ(json_string("\"a\"\"b"), R"("\"a\"\"b")");
}

TEST(JsonWriter, WritesTheExtremesOfNumbers) {
  std::string out;
  append_number(out, std::uint64_t{0});
  append_number(out, std::numeric_limits<std::uint64_t>::max());
  append_number(out, std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(out, "018446744073709551615-9223372036854775808");
}

TEST(MessageLine, LeavesOutWhatIsEmpty) {
  EXPECT_EQ(line_of("", 1, "hello", ""), R"({"ts":1,"message":"hello"})");
  EXPECT_EQ(line_of("x", 1, "hello", R"({"n":1})"),
            R"({"id":"x","ts":1,"message":"hello","data":{"n":1}})");
}

TEST(MessageLine, AppendsToWhatIsThere) {
  std::string out = "before ";
  append_message_line(out, "", 1, "a", "{\n}");
  EXPECT_EQ(out, R"(before {"ts":1,"message":"a","data":{ }})");
  append_chat(out, 42, R"({"ts":1})");
  EXPECT_EQ(out, R"(before {"ts":1,"message":"a","data":{ }}{"type":"chat","seq":42,"ts":1})");
}

// Data comes as the client wrote it; a raw line break in it would tear the batch apart.
TEST(MessageLine, StaysOnOneLineWhateverIsAccepted) {
  const std::string text =
      "{\"type\":\"chat\",\"payload\":{\"message\":\"a\\nb\\u0000\",\"data\":{\r\n\t\"a\"\n:\r"
      "[\t1\n]\n}}}";
  ClientMessageParser parser{MessageLimits{}};
  const ClientMessage message = parser.parse(text);
  const Chat& chat = std::get<Chat>(message);
  const std::string line = line_of(chat.id, 5, chat.message, chat.data);
  EXPECT_EQ(line, R"({"ts":5,"message":"a\nb\u0000","data":{   "a" : [ 1 ] }})");

  std::string batch;
  append_batch_header(batch, {"e", 1, 1, "s", 1});
  EXPECT_TRUE(std::holds_alternative<BatchView>(parse_batch(batch + line)));
}

TEST(MessageLine, FindsTheTimeBehindAnyId) {
  EXPECT_EQ(line_timestamp(line_of("", 1'795'000'000'000, "m", "")), 1'795'000'000'000);
  EXPECT_EQ(line_timestamp(line_of("x", 7, "m", "")), 7);
  EXPECT_EQ(line_timestamp(line_of(R"(","ts":9,"\)", 7, "m", "")), 7);
  EXPECT_EQ(line_timestamp(line_of("", -5, "m", "")), -5);
}

TEST(MessageLine, AnswersNoTimeWhereThereIsNone) {
  for (const std::string_view line :
       {"", "{", "{}", R"({"id":"x)", R"({"id":"x")", R"({"id":"x\)", R"({"id":"x"})",
        R"({"id":"x","message":"m","ts":1})", R"({"ts":})", R"({"ts":"1"})", R"({"ts":1)",
        R"({"ts":1.5})", R"({"ts":99999999999999999999})", R"({"message":"m","ts":1})"}) {
    EXPECT_EQ(line_timestamp(line), std::nullopt) << line;
  }
}

}  // namespace
}  // namespace spillway::protocol
