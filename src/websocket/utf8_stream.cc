#include "websocket/utf8_stream.h"

#include <simdjson.h>

#include <algorithm>
#include <cstddef>

namespace spillway::websocket {

namespace {

// Below this the call costs more than it saves.
constexpr std::size_t kBulkBytesMin = 32;

// How many bytes at the front of `bytes` end with a whole character, as far as lengths go.
std::size_t whole_characters(std::string_view bytes) {
  const std::size_t size = bytes.size();
  for (std::size_t back = 1; back <= std::min<std::size_t>(3, size); ++back) {
    const auto byte = static_cast<unsigned char>(bytes[size - back]);
    if ((byte & 0xC0U) == 0x80U) continue;
    const std::size_t length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1;
    return length > back ? size - back : size;
  }
  return size;
}

}  // namespace

bool Utf8Stream::feed(std::string_view bytes) {
  while (!bytes.empty() && !complete()) {
    if (!step(static_cast<unsigned char>(bytes.front()))) return false;
    bytes.remove_prefix(1);
  }
  if (bytes.size() >= kBulkBytesMin) {
    const std::size_t bulk = whole_characters(bytes);
    if (!simdjson::validate_utf8(bytes.data(), bulk)) return false;
    bytes.remove_prefix(bulk);
  }
  return std::all_of(bytes.begin(), bytes.end(),
                     [this](char c) { return step(static_cast<unsigned char>(c)); });
}

// The well-formed byte sequences of the Unicode standard, table 3-7.
bool Utf8Stream::step(unsigned char byte) {
  if (missing_ > 0) {
    if (byte < next_min_ || byte > next_max_) return false;
    --missing_;
    next_min_ = 0x80;
    next_max_ = 0xBF;
    return true;
  }
  if (byte < 0x80) return true;
  if (byte < 0xC2 || byte > 0xF4) return false;
  missing_ = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
  if (byte == 0xE0) next_min_ = 0xA0;  // else overlong
  if (byte == 0xED) next_max_ = 0x9F;  // else a surrogate
  if (byte == 0xF0) next_min_ = 0x90;  // else overlong
  if (byte == 0xF4) next_max_ = 0x8F;  // else above U+10FFFF
  return true;
}

bool is_utf8(std::string_view text) {
  Utf8Stream stream;
  return stream.feed(text) && stream.complete();
}

}  // namespace spillway::websocket
