// The client's half: what the server says, for the terminal viewer and the load harness.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "protocol/error_code.h"

namespace spillway::protocol {

struct WelcomeEvent {
  std::string_view connected_at;
  std::string_view server;
};
struct RegisteredEvent {
  std::string_view chat_id;
  std::string_view epoch;
  std::uint64_t seq = 0;
  std::optional<bool> recovered;
  std::uint64_t viewers = 0;
};
struct ChatEvent {
  std::optional<std::uint64_t> seq;
  std::string_view id;
  std::string_view message;
  std::optional<std::int64_t> ts;
  std::string_view name;  // data.name, where that is a string
};
struct AckEvent {
  std::string_view chat_id;
  std::string_view id;
  std::uint64_t seq = 0;
};
struct ViewersEvent {
  std::uint64_t viewers = 0;
};
struct GapEvent {
  std::uint64_t from = 0;
  std::uint64_t to = 0;
};
struct RedistributeEvent {
  std::string_view reason;
  std::optional<std::string_view> redirect;
  std::uint32_t delay_ms = 0;
};
struct ErrorEvent {
  std::string_view code;           // as it stands on the wire
  std::optional<ErrorCode> known;  // empty: a code of a later release
  std::string_view message;
  std::optional<std::uint64_t> retry_after_ms;
  std::string_view id;
};
// A type of a later release, or a known one without what it must have.
struct UnknownEvent {
  std::string_view type;
};

using ServerEvent = std::variant<WelcomeEvent, RegisteredEvent, ChatEvent, AckEvent, ViewersEvent,
                                 GapEvent, RedistributeEvent, ErrorEvent, UnknownEvent>;

class JsonReader;

// One for each event loop (or client), which alone uses it. Its buffers grow to the longest
// message seen, at most `message_bytes_max`; once warm it allocates nothing.
class ServerMessageParser {
 public:
  static constexpr std::size_t kMessageBytesMax = 4 * 1024 * 1024;

  explicit ServerMessageParser(std::size_t message_bytes_max = kMessageBytesMax);
  ~ServerMessageParser();
  ServerMessageParser(const ServerMessageParser&) = delete;
  ServerMessageParser& operator=(const ServerMessageParser&) = delete;

  // Calls on_event(const ServerEvent&) for the object, or for each of the array (the coalesced
  // form), in order. False, without any call: it is neither. Views live until the next parse();
  // on_event must not call it.
  template <typename OnEvent>
  [[nodiscard]] bool parse(std::string_view text, OnEvent&& on_event) {
    if (!read(text)) return false;
    for (const ServerEvent& event : events_) on_event(event);
    return true;
  }

 private:
  bool read(std::string_view text);

  std::unique_ptr<JsonReader> reader_;
  std::vector<ServerEvent> events_;  // of the message being parsed
};

}  // namespace spillway::protocol
