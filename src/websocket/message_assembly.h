// A message that does not lie whole and plain in the input: fragments, pieces, compressed bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "websocket/deflate.h"
#include "websocket/event.h"
#include "websocket/utf8_stream.h"

namespace spillway::websocket {

// The most compressed bytes that a sender needs for a message: zlib's own bound for any of its
// settings is below 1/8 + 1/64 more.
constexpr std::uint64_t compressed_bytes_max(std::uint64_t message_bytes_max) {
  return message_bytes_max + message_bytes_max / 4 + 64;
}

// Collects one message. Text is checked as far as it is there, so that a bad byte fails the
// connection at once. Compressed bytes are inflated as they come when the inflater is this
// connection's own; a shared one may not hold half a message, so they wait for their end.
// Part of a MessageReader; holds at most message_bytes_max + compressed_bytes_max.
class MessageAssembly {
 public:
  MessageAssembly(Opcode opcode, bool compressed) : opcode_(opcode), compressed_(compressed) {}

  // Takes the next bytes, unmasked. `final`: the message ends with them. `inflater` is used only
  // for compressed messages. REQUIRES the sum of plain bytes <= bytes_max.
  [[nodiscard]] std::optional<Failure> add(std::span<const char> bytes, bool final,
                                           std::size_t bytes_max, Inflater* inflater);

  // REQUIRES that the final bytes were added without a failure.
  Message message() { return {opcode_, payload_}; }

  // The payload that frames announced so far.
  void announce(std::uint64_t bytes) { announced_bytes_ += bytes; }
  std::uint64_t announced_bytes() const { return announced_bytes_; }
  bool compressed() const { return compressed_; }

 private:
  std::optional<Failure> add_compressed(std::span<const char> bytes, bool final,
                                        std::size_t bytes_max, Inflater& inflater);
  std::optional<Failure> check_text(std::size_t from, bool final);

  std::string payload_;   // what will be delivered
  std::string deflated_;  // waiting for a shared inflater
  std::uint64_t announced_bytes_ = 0;
  Opcode opcode_;
  bool compressed_;
  Utf8Stream utf8_;
};

}  // namespace spillway::websocket
