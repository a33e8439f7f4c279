// UTF-8 (RFC 3629) checked while it arrives, cut anywhere.
#pragma once

#include <cstdint>
#include <string_view>

namespace spillway::websocket {

// Strict: no overlong form, no surrogate, nothing above U+10FFFF. A byte that cannot continue what
// came before is refused at once, not at the end of its character. Four bytes of state; a value
// of whoever owns the text.
class Utf8Stream {
 public:
  // Whether `bytes` continues valid text. After false the stream must be reset.
  [[nodiscard]] bool feed(std::string_view bytes);

  // Whether the text so far ends between characters.
  bool complete() const { return missing_ == 0; }

  void reset() { *this = Utf8Stream(); }

 private:
  bool step(unsigned char byte);

  std::uint8_t missing_ = 0;      // continuation bytes the character begun still lacks
  std::uint8_t next_min_ = 0x80;  // what the next of them may be: narrower after E0, ED, F0, F4
  std::uint8_t next_max_ = 0xBF;
};

bool is_utf8(std::string_view text);

}  // namespace spillway::websocket
