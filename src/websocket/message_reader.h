// The receiving half of one WebSocket connection, without I/O: bytes in, messages out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <variant>

#include "websocket/deflate.h"
#include "websocket/frame.h"
#include "websocket/need_more.h"

namespace spillway::websocket {

struct ReaderOptions {
  enum class Role : std::uint8_t { kServer, kClient };
  Role role = Role::kServer;
  bool deflate = false;               // permessage-deflate was agreed on
  std::size_t message_bytes_max = 0;  // of one message, decompressed
  bool allow_binary = true;
};

// Spans and views of events point into the caller's buffer or into the reader; they are valid
// until the next call of next().
struct Message {  // whole, unmasked, decompressed; text is valid UTF-8
  Opcode opcode;
  std::span<char> payload;
};
struct Ping {
  std::span<char> payload;
};
struct Pong {
  std::span<char> payload;
};
struct Close {  // kNoStatus where the frame was empty
  std::uint16_t code;
  std::string_view reason;
};
struct Failure {  // the peer broke a rule: fail the connection with this close code
  std::uint16_t code;
  std::string_view reason;  // lives forever
};
using Event = std::variant<NeedMore, Message, Ping, Pong, Close, Failure>;

// Owned by its connection, used by the thread of that connection's loop. What is incomplete is
// kept on the heap and freed with its message, so a connection between messages costs this object
// alone. Kept memory follows the bytes that arrived, never a declared length, and ends at
// `message_bytes_max`. A frame that lies whole in the input is delivered where it lies.
class MessageReader {
 public:
  explicit MessageReader(const ReaderOptions& options);
  ~MessageReader();
  MessageReader(MessageReader&&) noexcept;
  MessageReader& operator=(MessageReader&&) noexcept;

  // Takes bytes off the front of `input`, which is unmasked in place, up to the next event.
  // NeedMore: `input` is empty. After Close or Failure everything is thrown away.
  // REQUIRES an inflater if deflate was agreed on; a shared one must have no context takeover.
  [[nodiscard]] Event next(std::span<char>& input, Inflater* inflater);

  // Frames whose header was seen; wraps.
  std::uint32_t frames() const { return frames_; }

  // Between messages, with nothing kept.
  bool idle() const { return kept_ == nullptr; }

 private:
  struct Kept;

  std::unique_ptr<Kept> kept_;
  std::size_t message_bytes_max_;
  std::uint32_t frames_ = 0;
  ReaderOptions::Role role_;
  bool deflate_;
  bool allow_binary_;
  bool done_ = false;
};

}  // namespace spillway::websocket
