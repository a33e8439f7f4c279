// Finds the end of an HTTP head that arrives in pieces.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

#include "websocket/need_more.h"

namespace spillway::websocket {

inline constexpr std::size_t kHeadBytesMax = 8 * 1024;

// Collects a request's or a response's head. The bytes are looked at once, and only those before
// its end are taken. Owned by a handshake; keeps at most kHeadBytesMax bytes, and nothing when the
// head comes in one piece.
class HeadScanner {
 public:
  struct Head {
    std::string_view text;  // with its empty line; valid until the next call, while `bytes` lives
  };
  enum class Broken { kTooLarge, kNotHttp };  // kNotHttp: the lines are not lines of a head
  using Found = std::variant<NeedMore, Head, Broken>;

  // `consumed`: how many of `bytes` belong to the head.
  Found feed(std::string_view bytes, std::size_t& consumed);

 private:
  enum class At { kStart, kLine, kCr, kLineStart, kLastCr, kEnd };

  bool take(char c);

  std::string kept_;  // what came in earlier calls
  At at_ = At::kStart;
};

}  // namespace spillway::websocket
