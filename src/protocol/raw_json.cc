#include "protocol/raw_json.h"

#include <algorithm>

#include "base/check.h"

namespace spillway::protocol {
namespace {

// Walks JSON text that is known to be valid, so that brackets, quotes and commas suffice. That it
// stays inside the text is checked all the same.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) { skip_space(); }

  // Over a brace, colon or comma, and the space behind it.
  void skip_mark() {
    ++at_;
    skip_space();
  }

  // Over one value, or one key, and the space behind it.
  RawValue take_value() {
    const std::size_t begin = at_;
    const unsigned depth = skip_value();
    const RawValue value{text_.substr(begin, at_ - begin), depth};
    skip_space();
    return value;
  }

 private:
  char here() const {
    CHECK(at_ < text_.size());
    return text_[at_];
  }

  void skip_space() { at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size()); }

  void skip_string() {
    for (++at_; here() != '"'; ++at_) {
      if (here() == '\\') ++at_;
    }
    ++at_;
  }

  unsigned skip_value() {
    if (here() == '"') {
      skip_string();
      return 0;
    }
    if (here() == '{' || here() == '[') return skip_nested();
    at_ = std::min(text_.find_first_of(",]} \t\r\n", at_), text_.size());
    return 0;
  }

  unsigned skip_nested() {
    unsigned depth = 0;
    unsigned depth_max = 0;
    do {
      const char c = here();
      if (c == '"') {
        skip_string();
        continue;
      }
      if (c == '{' || c == '[') depth_max = std::max(depth_max, ++depth);
      if (c == '}' || c == ']') --depth;
      ++at_;
    } while (depth > 0);
    return depth_max;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

RawValue raw_member(std::string_view object, std::size_t index) {
  Cursor cursor(object);
  cursor.skip_mark();
  while (true) {
    cursor.take_value();  // the key
    cursor.skip_mark();
    const RawValue value = cursor.take_value();
    if (index-- == 0) return value;
    cursor.skip_mark();
  }
}

}  // namespace spillway::protocol
