#include "protocol/server_message_parser.h"

#include <limits>

#include "protocol/json_reader.h"
#include "protocol/position.h"

namespace spillway::protocol {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;

// Each reader answers nothing where its message lacks what it must have.
using MaybeEvent = std::optional<ServerEvent>;

std::string_view string_or_empty(object members, std::string_view name) {
  return string_member(members, name).value_or(std::string_view{});
}

std::optional<bool> bool_member(object members, std::string_view name) {
  const auto member = find_member(members, name);
  bool value = false;
  if (!member || member->value.get(value) != simdjson::SUCCESS) return std::nullopt;
  return value;
}

std::optional<std::int64_t> time_member(object members, std::string_view name) {
  const auto member = find_member(members, name);
  std::int64_t ms = 0;
  if (!member || member->value.get(ms) != simdjson::SUCCESS) return std::nullopt;
  return ms;
}

MaybeEvent read_chat(object chat) {
  const auto message = string_member(chat, "message");
  if (!message) return std::nullopt;
  ChatEvent event;
  event.seq = unsigned_member(chat, "seq", kSeqMax);
  event.id = string_or_empty(chat, "id");
  event.message = *message;
  event.ts = time_member(chat, "ts");
  if (const auto data = object_member(chat, "data")) event.name = string_or_empty(*data, "name");
  return event;
}

MaybeEvent read_registered(object payload) {
  const auto chat_id = string_member(payload, "chatId");
  const auto epoch = string_member(payload, "epoch");
  const auto seq = unsigned_member(payload, "seq", kSeqMax);
  if (!chat_id || !epoch || !seq) return std::nullopt;
  RegisteredEvent event;
  event.chat_id = *chat_id;
  event.epoch = *epoch;
  event.seq = *seq;
  event.recovered = bool_member(payload, "recovered");
  event.viewers = unsigned_member(payload, "viewers", kSeqMax).value_or(0);
  return event;
}

MaybeEvent read_ack(object payload) {
  const auto id = string_member(payload, "id");
  const auto seq = unsigned_member(payload, "seq", kSeqMax);
  if (!id || !seq) return std::nullopt;
  return AckEvent{string_or_empty(payload, "chatId"), *id, *seq};
}

MaybeEvent read_viewers(object payload) {
  const auto viewers = unsigned_member(payload, "viewers", kSeqMax);
  if (!viewers) return std::nullopt;
  return ViewersEvent{*viewers};
}

MaybeEvent read_gap(object payload) {
  const auto from = unsigned_member(payload, "from", kSeqMax);
  const auto to = unsigned_member(payload, "to", kSeqMax);
  if (!from || !to || *from > *to) return std::nullopt;
  return GapEvent{*from, *to};
}

MaybeEvent read_redistribute(object payload) {
  constexpr std::uint64_t kDelayMax = std::numeric_limits<std::uint32_t>::max();
  RedistributeEvent event;
  event.reason = string_or_empty(payload, "reason");
  event.redirect = string_member(payload, "redirect");
  event.delay_ms =
      static_cast<std::uint32_t>(unsigned_member(payload, "delayMs", kDelayMax).value_or(0));
  return event;
}

MaybeEvent read_error(object payload) {
  const auto code = string_member(payload, "code");
  if (!code) return std::nullopt;
  ErrorEvent event;
  event.code = *code;
  event.known = error_code_of(*code);
  event.message = string_or_empty(payload, "message");
  event.retry_after_ms = unsigned_member(payload, "retryAfterMs", kSeqMax);
  event.id = string_or_empty(payload, "id");
  return event;
}

MaybeEvent read_payload(std::string_view type, object payload) {
  if (type == "registered") return read_registered(payload);
  if (type == "ack") return read_ack(payload);
  if (type == "viewers") return read_viewers(payload);
  if (type == "gap") return read_gap(payload);
  if (type == "redistribute") return read_redistribute(payload);
  if (type == "error") return read_error(payload);
  return std::nullopt;
}

ServerEvent event_of(object message) {
  const std::string_view type = string_or_empty(message, "type");
  MaybeEvent event;
  if (type == "chat") {
    event = read_chat(message);
  } else if (type == "welcome") {
    event =
        WelcomeEvent{string_or_empty(message, "connected_at"), string_or_empty(message, "server")};
  } else if (const auto payload = object_member(message, "payload")) {
    event = read_payload(type, *payload);
  }
  return event ? *event : UnknownEvent{type};
}

}  // namespace

ServerMessageParser::ServerMessageParser(std::size_t message_bytes_max)
    : reader_(std::make_unique<JsonReader>(message_bytes_max)) {}

ServerMessageParser::~ServerMessageParser() = default;

bool ServerMessageParser::read(std::string_view text) {
  events_.clear();
  const auto root = reader_->parse(text);
  if (!root) return false;
  if (const auto single = object_of(*root)) {
    events_.push_back(event_of(*single));
    return true;
  }
  simdjson::dom::array messages;
  if (root->get(messages) != simdjson::SUCCESS) return false;
  for (const element item : messages) {
    const auto message = object_of(item);
    if (!message) return false;
    events_.push_back(event_of(*message));
  }
  return true;
}

}  // namespace spillway::protocol
