// For tests: what a MessageReader says about some input, as plain values.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <variant>
#include <vector>

#include "base/check.h"
#include "base/overloaded.h"
#include "websocket/message_reader.h"
#include "websocket/testing/pieces.h"

namespace spillway::websocket::testing {

struct Recorded {
  enum class Kind : std::uint8_t { kMessage, kPing, kPong, kClose, kFailure };
  Kind kind = Kind::kMessage;
  int number = 0;  // opcode or close code
  std::string text;

  friend bool operator==(const Recorded&, const Recorded&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Recorded& event) {
    return out << "{kind " << static_cast<int>(event.kind) << ", " << event.number << ", "
               << event.text.size() << " bytes: " << event.text.substr(0, 60) << "}";
  }
};

inline Recorded text_message(std::string text) {
  return {Recorded::Kind::kMessage, 1, std::move(text)};
}
inline Recorded binary_message(std::string bytes) {
  return {Recorded::Kind::kMessage, 2, std::move(bytes)};
}

// Copies the event out, since its views live only until the next call.
inline Recorded record(const Event& event) {
  const auto copy = [](std::span<const char> bytes) {
    return std::string(bytes.begin(), bytes.end());
  };
  return std::visit(
      overloaded{
          [](const NeedMore&) { return Recorded{}; },
          [&](const Message& message) {
            return Recorded{Recorded::Kind::kMessage, static_cast<int>(message.opcode),
                            copy(message.payload)};
          },
          [&](const Ping& ping) {
            return Recorded{Recorded::Kind::kPing, 0, copy(ping.payload)};
          },
          [&](const Pong& pong) {
            return Recorded{Recorded::Kind::kPong, 0, copy(pong.payload)};
          },
          [](const Close& close) {
            return Recorded{Recorded::Kind::kClose, close.code, std::string(close.reason)};
          },
          [](const Failure& failure) {
            return Recorded{Recorded::Kind::kFailure, failure.code, std::string(failure.reason)};
          }},
      event);
}

// Feeds pieces one after another. Each lies in memory of its own that is scribbled over after
// use, as a loop's shared read buffer is.
inline std::vector<Recorded> read_pieces(MessageReader& reader, const Pieces& pieces,
                                         Inflater* inflater = nullptr) {
  std::vector<Recorded> events;
  for (const std::string& piece : pieces) {
    std::vector<char> buffer(piece.begin(), piece.end());
    std::span<char> input(buffer);
    for (;;) {
      const Event event = reader.next(input, inflater);
      if (std::holds_alternative<NeedMore>(event)) break;
      events.push_back(record(event));
    }
    CHECK(input.empty());
    std::fill(buffer.begin(), buffer.end(), '\xEE');
  }
  return events;
}

}  // namespace spillway::websocket::testing
