#include "protocol/client_message.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>

#include "protocol/json_reader.h"
#include "protocol/raw_json.h"

namespace spillway::protocol {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;

Rejection bad_request(std::string_view message, std::string_view id = {}) {
  return {ErrorCode::kBadRequest, message, id};
}

std::optional<Position> position_of(element value) {
  const auto since = object_of(value);
  if (!since) return std::nullopt;
  const auto epoch = string_member(*since, "epoch");
  const auto seq = unsigned_member(*since, "seq", kSeqMax);
  if (!epoch || !is_epoch(*epoch) || !seq) return std::nullopt;
  return Position{std::string(*epoch), *seq};
}

}  // namespace

// One message's payload on its way to becoming a ClientMessage.
struct ClientMessageParser::Reading {
  object payload;
  const MessageLimits& limits;
  const Sentences& sentences;

  ClientMessage read_register() const;
  ClientMessage read_chat() const;
  // `raw` is the value of payload.data.
  ClientMessage with_data(Chat chat, element value, const RawValue& raw) const;
};

ClientMessage ClientMessageParser::Reading::read_register() const {
  Register message{};
  const auto chat_id = string_member(payload, "chatId");
  if (!chat_id || !is_chat_id(*chat_id, limits.chat_id_bytes_max)) {
    return bad_request(sentences.chat_id);
  }
  message.chat_id = *chat_id;
  if (const auto since = find_member(payload, "since")) {
    message.since = position_of(since->value);
    if (!message.since) {
      return bad_request("payload.since must be an object with the epoch and seq of a position");
    }
  }
  if (const auto history = find_member(payload, "history")) {
    const auto count = unsigned_of(history->value, std::numeric_limits<std::uint64_t>::max());
    if (!count) return bad_request("payload.history must be a whole number, 0 or more");
    const std::uint64_t clamped = std::min<std::uint64_t>(*count, limits.history_max);
    message.history = static_cast<std::uint32_t>(clamped);
  }
  return message;
}

// The id first, so that whatever else is wrong is answered with it.
ClientMessage ClientMessageParser::Reading::read_chat() const {
  Chat chat;
  if (const auto id = find_member(payload, "id")) {
    const auto text = string_of(id->value);
    if (!text || text->empty() || text->size() > limits.id_bytes_max ||
        has_control_character(*text)) {
      return bad_request(sentences.id);
    }
    chat.id = *text;
  }
  const auto message = string_member(payload, "message");
  if (!message || message->empty()) return bad_request(sentences.message, chat.id);
  if (message->size() > limits.message_bytes_max) {
    return Rejection{ErrorCode::kMessageTooLong, sentences.too_long, chat.id};
  }
  chat.message = *message;
  return chat;
}

ClientMessage ClientMessageParser::Reading::with_data(Chat chat, element value,
                                                      const RawValue& raw) const {
  if (!value.is_object() || raw.text.size() > limits.data_bytes_max ||
      raw.depth > limits.data_depth_max) {
    return bad_request(sentences.data, chat.id);
  }
  chat.data = raw.text;
  return chat;
}

ClientMessageParser::ClientMessageParser(const MessageLimits& limits)
    : limits_(limits),
      sentences_{
          fmt::format("payload.chatId must be a string of 1 to {} bytes without control "
                      "characters, {{ and }}",
                      limits.chat_id_bytes_max),
          fmt::format("payload.message must be a string of 1 to {} bytes",
                      limits.message_bytes_max),
          fmt::format("payload.message must not be longer than {} bytes of UTF-8",
                      limits.message_bytes_max),
          fmt::format("payload.id must be a string of 1 to {} bytes without control characters",
                      limits.id_bytes_max),
          fmt::format("payload.data must be an object of at most {} bytes and {} levels",
                      limits.data_bytes_max, limits.data_depth_max),
      },
      reader_(std::make_unique<JsonReader>(websocket_message_bytes_max(limits.message_bytes_max))) {
}

ClientMessageParser::~ClientMessageParser() = default;

ClientMessage ClientMessageParser::parse(std::string_view text) {
  const auto root = reader_->parse(text);
  const auto envelope = root ? object_of(*root) : std::nullopt;
  if (!envelope) return bad_request("a message must be exactly one JSON object");
  const auto type = string_member(*envelope, "type");
  if (!type) return bad_request("a message needs a 'type', which must be a string");
  const bool is_register = *type == "register";
  if (!is_register && *type != "chat") {
    return Rejection{ErrorCode::kUnknownType, "'type' must be register or chat", {}};
  }
  const auto payload = find_member(*envelope, "payload");
  const auto members = payload ? object_of(payload->value) : std::nullopt;
  if (!members) return bad_request("a message needs a 'payload', which must be an object");

  const Reading reading{*members, limits_, sentences_};
  if (is_register) return reading.read_register();
  const ClientMessage message = reading.read_chat();
  const Chat* const chat = std::get_if<Chat>(&message);
  const auto data = find_member(*members, "data");
  if (!chat || !data) return message;
  const RawValue raw_payload = raw_member(reader_->text(), payload->index);
  return reading.with_data(*chat, data->value, raw_member(raw_payload.text, data->index));
}

}  // namespace spillway::protocol
