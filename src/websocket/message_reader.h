// The receiving half of one WebSocket connection, without I/O: bytes in, messages out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <variant>

#include "websocket/deflate.h"
#include "websocket/event.h"
#include "websocket/frame_header.h"

namespace spillway::websocket {

struct ReaderOptions {
  enum class Role : std::uint8_t { kServer, kClient };
  Role role = Role::kServer;
  bool deflate = false;               // permessage-deflate was agreed on
  std::size_t message_bytes_max = 0;  // of one message, decompressed
  bool allow_binary = true;
};

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

  std::optional<Event> begin_frame(std::span<char>& input);
  std::optional<Event> continue_frame(std::span<char>& input, Inflater* inflater);
  std::variant<NeedMore, FrameHeader, Failure> read_header(std::span<char>& input);
  FrameRules rules() const;
  Kept& keep();
  void release_delivered();

  std::unique_ptr<Kept> kept_;
  std::size_t message_bytes_max_;
  std::uint32_t frames_ = 0;
  ReaderOptions::Role role_;
  bool deflate_;
  bool allow_binary_;
  bool done_ = false;
};

}  // namespace spillway::websocket
