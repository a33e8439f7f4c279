#include "protocol/text.h"

#include <simdjson.h>

#include <algorithm>

#include "protocol/position.h"

namespace spillway::protocol {
namespace {

unsigned char byte_of(char c) { return static_cast<unsigned char>(c); }

bool is_epoch_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

}  // namespace

bool is_utf8(std::string_view text) { return simdjson::validate_utf8(text.data(), text.size()); }

bool has_control_character(std::string_view text) {
  unsigned char before = 0;
  for (const char c : text) {
    const unsigned char byte = byte_of(c);
    if (byte < 0x20 || byte == 0x7f) return true;
    if (before == 0xc2 && byte < 0xa0) return true;  // C1: U+0080 to U+009F
    before = byte;
  }
  return false;
}

bool is_chat_id(std::string_view text, std::size_t bytes_max) {
  return !text.empty() && text.size() <= bytes_max && is_utf8(text) &&
         !has_control_character(text) && text.find_first_of("{}") == std::string_view::npos;
}

bool is_epoch(std::string_view text) {
  return !text.empty() && text.size() <= 64 &&
         std::all_of(text.begin(), text.end(), is_epoch_character);
}

}  // namespace spillway::protocol
