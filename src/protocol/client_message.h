// What a client says to the server, checked whole. docs/protocol.md has the rules.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "protocol/error_code.h"
#include "protocol/limits.h"
#include "protocol/position.h"

namespace spillway::protocol {

struct Register {
  std::string_view chat_id;
  std::optional<Position> since;
  std::optional<std::uint32_t> history;  // clamped to the limit
};

struct Chat {
  std::string_view message;  // decoded
  std::string_view id;       // decoded; empty: none
  std::string_view data;     // the JSON object as sent, checked; empty: none
};

// The answer to a message that has no effect.
struct Rejection {
  ErrorCode code;
  std::string_view message;  // a sentence that names the mend
  std::string_view id;       // of the chat message it answers, where that could be read
};

using ClientMessage = std::variant<Register, Chat, Rejection>;

class JsonReader;

// Parses what clients send. One for each event loop, which alone uses it. Its buffers grow to the
// longest message seen, at most websocket_message_bytes_max(); once warm it allocates nothing
// (but for a `since` whose epoch does not fit into a std::string itself).
class ClientMessageParser {
 public:
  explicit ClientMessageParser(const MessageLimits& limits);
  ~ClientMessageParser();
  ClientMessageParser(const ClientMessageParser&) = delete;
  ClientMessageParser& operator=(const ClientMessageParser&) = delete;

  // The views in the answer live until the next call. `text` may be any bytes.
  ClientMessage parse(std::string_view text);

 private:
  // The answers that name a limit, written once.
  struct Sentences {
    std::string chat_id;
    std::string message;
    std::string too_long;
    std::string id;
    std::string data;
  };
  struct Reading;

  MessageLimits limits_;
  Sentences sentences_;
  std::unique_ptr<JsonReader> reader_;
};

}  // namespace spillway::protocol
