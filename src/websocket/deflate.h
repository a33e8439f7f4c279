// permessage-deflate (RFC 7692): raw DEFLATE of whole messages, by zlib.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

struct z_stream_s;  // zlib's, whose header stays out of ours

namespace spillway::websocket {

// What both ends agreed on. See deflate_offer.h.
struct DeflateParams {
  bool server_no_context_takeover = false;
  bool client_no_context_takeover = false;
  int server_max_window_bits = 15;
  int client_max_window_bits = 15;
  bool server_window_offered = false;  // then the answer must name it, even the full one

  friend bool operator==(const DeflateParams&, const DeflateParams&) = default;
};

enum class Inflated { kOk, kOverLimit, kCorrupt };

// Decompresses messages. With context takeover it belongs to one connection and remembers 2^bits
// bytes of its messages; without, one serves all connections of a loop, since nothing outlives a
// message, and a message must then be given whole. Not thread-safe. Costs about 7 KB, and the
// window (up to 32 KB) from the first use on.
class Inflater {
 public:
  // REQUIRES 8 <= window_bits <= 15. What reaches back past a smaller window than 15 is refused
  // only where those bytes are gone already; no sender that keeps to what was agreed on does that.
  Inflater(int window_bits, bool context_takeover);

  // Appends what `in` decompresses to; `out` never gets longer than `bytes_max`. `final`: the
  // message ends here, and the tail its sender cut off (section 7.2.1) is supplied. Also what was
  // appended before an error is right. After kOverLimit or kCorrupt the message is over, and with
  // context takeover so is the connection.
  [[nodiscard]] Inflated inflate(std::span<const char> in, bool final, std::size_t bytes_max,
                                 std::string& out);

  bool context_takeover() const { return context_takeover_; }

 private:
  struct End {
    void operator()(z_stream_s* stream) const;
  };
  Inflated run(std::span<const char> in, std::size_t bytes_max, std::string& out);
  bool between_blocks() const;

  std::unique_ptr<z_stream_s, End> stream_;
  bool context_takeover_;
};

// Compresses messages; the twin of Inflater. Costs 2^(bits+2) bytes + 128 KB with 15 bits.
class Deflater {
 public:
  // REQUIRES 1 <= level <= 9 and 8 <= window_bits <= 15.
  Deflater(int level, int window_bits, bool context_takeover);

  // Appends the compressed form of one whole message, without the tail 00 00 ff ff.
  void deflate(std::string_view message, std::string& out);

 private:
  struct End {
    void operator()(z_stream_s* stream) const;
  };

  std::unique_ptr<z_stream_s, End> stream_;
  bool context_takeover_;
};

}  // namespace spillway::websocket
