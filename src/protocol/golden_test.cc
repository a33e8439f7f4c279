#include "protocol/golden.h"

#include <vector>

#include "base/overloaded.h"
#include "protocol/batch.h"
#include "protocol/client_message.h"
#include "protocol/client_writer.h"
#include "protocol/control.h"
#include "protocol/message_line.h"
#include "protocol/server_message.h"
#include "protocol/server_message_parser.h"

namespace spillway::protocol {
namespace {

std::optional<Position> position_at(element expect) {
  element since;
  if (expect["since"].get(since) != simdjson::SUCCESS) return std::nullopt;
  return Position{text_at(since, "epoch").value(), number_at(since, "seq").value()};
}

void expect_register(const Register& message, element expect) {
  EXPECT_EQ("register", text_at(expect, "type"));
  EXPECT_EQ(message.chat_id, text_at(expect, "chatId"));
  EXPECT_EQ(message.since, position_at(expect));
  EXPECT_EQ(message.history, number_at(expect, "history"));
}

void expect_chat(const Chat& message, element expect) {
  EXPECT_EQ("chat", text_at(expect, "type"));
  EXPECT_EQ(message.message, text_at(expect, "message"));
  EXPECT_EQ(message.id, text_at(expect, "id").value_or(""));
  EXPECT_EQ(message.data, text_at(expect, "data").value_or(""));
}

void expect_client_message(const ClientMessage& message, element expect) {
  std::visit(overloaded{
                 [&](const Register& read) { expect_register(read, expect); },
                 [&](const Chat& read) { expect_chat(read, expect); },
                 [&](const Rejection& read) { ADD_FAILURE() << read.message; },
             },
             message);
}

std::string written_by_client(element expect) {
  std::string out;
  if (text_at(expect, "type") == "chat") {
    append_chat_request(out, text_at(expect, "message").value(), text_at(expect, "id").value_or(""),
                        text_at(expect, "data").value_or(""));
    return out;
  }
  std::optional<std::uint32_t> history;
  if (const auto number = number_at(expect, "history")) {
    history = static_cast<std::uint32_t>(*number);
  }
  append_register(out, text_at(expect, "chatId").value(), position_at(expect), history);
  return out;
}

TEST(Golden, ClientMessagesAreReadAsExpected) {
  ClientMessageParser parser{MessageLimits{}};
  const Golden golden("client-to-server.json");
  golden.for_each([&](element entry) {
    expect_client_message(parser.parse(message_text(entry)), entry["expect"]);
  });
}

TEST(Golden, ClientMessagesAreWrittenByteForByte) {
  const Golden golden("client-to-server.json");
  golden.for_each([](element entry) {
    if (is_written(entry)) {
      EXPECT_EQ(written_by_client(entry["expect"]), message_text(entry));
    }
  });
}

TEST(Golden, InvalidClientMessagesAreAnsweredWithTheirCode) {
  ClientMessageParser parser{MessageLimits{}};
  const Golden golden("invalid-client-messages.json");
  golden.for_each([&](element entry) {
    const ClientMessage message = parser.parse(message_text(entry));
    const Rejection* const rejection = std::get_if<Rejection>(&message);
    ASSERT_NE(rejection, nullptr);
    EXPECT_EQ(wire_name(rejection->code), text_at(entry["expect"], "code"));
    EXPECT_EQ(rejection->id, text_at(entry["expect"], "id").value_or(""));
    EXPECT_GT(rejection->message.size(), 10U);
  });
}

struct ExpectEvent {
  element expect;

  void text(std::string_view value, std::string_view key) const {
    EXPECT_EQ(value, text_at(expect, key).value_or(""));
  }
  void number(std::uint64_t value, std::string_view key) const {
    EXPECT_EQ(value, number_at(expect, key));
  }
  void type(std::string_view name) const { text(name, "type"); }

  void operator()(const WelcomeEvent& event) const {
    type("welcome");
    text(event.connected_at, "connected_at");
    text(event.server, "server");
  }
  void operator()(const RegisteredEvent& event) const {
    type("registered");
    text(event.chat_id, "chatId");
    text(event.epoch, "epoch");
    number(event.seq, "seq");
    EXPECT_EQ(event.recovered, bool_at(expect, "recovered"));
    number(event.viewers, "viewers");
  }
  void operator()(const ChatEvent& event) const {
    type("chat");
    EXPECT_EQ(event.seq, number_at(expect, "seq"));
    text(event.id, "id");
    text(event.message, "message");
    EXPECT_EQ(event.ts, number_at(expect, "ts"));
    text(event.name, "name");
  }
  void operator()(const AckEvent& event) const {
    type("ack");
    text(event.chat_id, "chatId");
    text(event.id, "id");
    number(event.seq, "seq");
  }
  void operator()(const ViewersEvent& event) const {
    type("viewers");
    number(event.viewers, "viewers");
  }
  void operator()(const GapEvent& event) const {
    type("gap");
    number(event.from, "from");
    number(event.to, "to");
  }
  void operator()(const RedistributeEvent& event) const {
    type("redistribute");
    text(event.reason, "reason");
    EXPECT_EQ(event.redirect, text_at(expect, "redirect"));
    number(event.delay_ms, "delayMs");
  }
  void operator()(const ErrorEvent& event) const {
    type("error");
    text(event.code, "code");
    EXPECT_EQ(event.known.has_value(), event.code != "too_hot");
    text(event.message, "message");
    EXPECT_EQ(event.retry_after_ms, number_at(expect, "retryAfterMs"));
    text(event.id, "id");
  }
  void operator()(const UnknownEvent&) const { type("unknown"); }
};

TEST(Golden, ServerMessagesAreReadAsExpected) {
  ServerMessageParser parser;
  const Golden golden("server-to-client.json");
  golden.for_each([&](element entry) {
    std::vector<element> expected;
    simdjson::dom::array events;
    const bool readable = entry["expect"].get(events) == simdjson::SUCCESS;
    if (readable) expected.assign(events.begin(), events.end());
    std::size_t count = 0;
    const bool read = parser.parse(message_text(entry), [&](const ServerEvent& event) {
      ASSERT_LT(count, expected.size());
      std::visit(ExpectEvent{expected[count]}, event);
      ++count;
    });
    EXPECT_EQ(read, readable);
    EXPECT_EQ(count, expected.size());
  });
}

std::string written_chat(element fields) {
  std::string line;
  append_message_line(line, text_at(fields, "id").value_or(""),
                      static_cast<std::int64_t>(number_at(fields, "ts").value()),
                      text_at(fields, "message").value(), text_at(fields, "data").value_or(""));
  std::string out;
  append_chat(out, number_at(fields, "seq").value(), line);
  return out;
}

std::string written_registered(element fields) {
  const std::string chat_id = text_at(fields, "chatId").value();
  const std::string epoch = text_at(fields, "epoch").value();
  std::string out;
  append_registered(out, {chat_id, epoch, number_at(fields, "seq").value(),
                          bool_at(fields, "recovered"), number_at(fields, "viewers").value()});
  return out;
}

std::string written_by_server(element fields) {
  const std::string type = text_at(fields, "type").value();
  const std::string id = text_at(fields, "id").value_or("");
  if (type == "chat") return written_chat(fields);
  if (type == "registered") return written_registered(fields);
  std::string out;
  if (type == "welcome") {
    append_welcome(out, WallTime{1795019200000}, text_at(fields, "server").value());
  } else if (type == "ack") {
    append_ack(out, text_at(fields, "chatId").value(), id, number_at(fields, "seq").value());
  } else if (type == "viewers") {
    append_viewers(out, number_at(fields, "viewers").value());
  } else if (type == "gap") {
    append_gap(out, number_at(fields, "from").value(), number_at(fields, "to").value());
  } else if (type == "redistribute") {
    append_redistribute(out, text_at(fields, "reason").value(), text_at(fields, "redirect"),
                        static_cast<std::uint32_t>(number_at(fields, "delayMs").value()));
  } else if (type == "error") {
    append_error(out, error_code_of(text_at(fields, "code").value()).value(),
                 text_at(fields, "message").value(), number_at(fields, "retryAfterMs"), id);
  }
  return out;
}

TEST(Golden, ServerMessagesAreWrittenByteForByte) {
  const Golden golden("server-to-client.json");
  golden.for_each([](element entry) {
    if (!is_written(entry)) return;
    EXPECT_EQ(written_by_server(entry["expect"].at(0)), message_text(entry));
  });
}

ControlMessage control_of(element expect) {
  if (text_at(expect, "type") == "drain") return DrainOrder{};
  Redistribute order{static_cast<std::uint32_t>(number_at(expect, "n").value()), {}};
  for (const element target : expect["targets"].get_array()) {
    order.targets.push_back({text_at(target, "url").value(),
                             static_cast<std::uint32_t>(number_at(target, "n").value())});
  }
  return order;
}

TEST(Golden, ControlMessagesAreReadAndWritten) {
  const Golden golden("control.json");
  golden.for_each([](element entry) {
    const std::string text = message_text(entry);
    const Result<ControlMessage> message = parse_control(text);
    const bool readable = !entry["expect"].is_null();
    ASSERT_EQ(message.has_value(), readable);
    if (!readable) return;
    const ControlMessage expected = control_of(entry["expect"]);
    EXPECT_EQ(*message, expected);
    if (is_written(entry)) {
      EXPECT_EQ(encode_control(expected), text);
    }
  });
}

void expect_batch(const BatchView& batch, std::string_view text, element expect) {
  EXPECT_EQ(batch.header.epoch, text_at(expect, "epoch"));
  EXPECT_EQ(batch.header.first_seq, number_at(expect, "firstSeq"));
  EXPECT_EQ(batch.header.count, number_at(expect, "count"));
  EXPECT_EQ(batch.header.server, text_at(expect, "server"));
  EXPECT_EQ(batch.header.number, number_at(expect, "number"));
  std::vector<std::string> lines;
  for_each_line(batch.lines, [&](std::string_view line) { lines.emplace_back(line); });
  std::vector<std::string> expected;
  for (const std::string_view line : expect["lines"].get_array()) expected.emplace_back(line);
  EXPECT_EQ(lines, expected);
  std::string again;
  append_batch_header(again, batch.header);
  again += batch.lines;
  EXPECT_EQ(again, text);
}

TEST(Golden, BatchesAreReadAndWritten) {
  const Golden golden("batches.json");
  golden.for_each([](element entry) {
    const std::string text = message_text(entry);
    const auto batch = parse_batch(text);
    if (const auto problem = text_at(entry, "problem")) {
      ASSERT_TRUE(std::holds_alternative<BatchProblem>(batch));
      EXPECT_EQ(std::get<BatchProblem>(batch) == BatchProblem::kUnknownVersion,
                problem == "unknown_version");
      return;
    }
    ASSERT_TRUE(std::holds_alternative<BatchView>(batch));
    expect_batch(std::get<BatchView>(batch), text, entry["expect"]);
  });
}

}  // namespace
}  // namespace spillway::protocol
