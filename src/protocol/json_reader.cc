#include "protocol/json_reader.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "protocol/text.h"

namespace spillway::protocol {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

// Texts up to this size never make the parser grow: all that a client may send by default.
constexpr std::size_t kWarmBytes = 24 * 1024;

// simdjson takes half a surrogate pair for a character and writes it as three bytes that are not
// UTF-8. Recursion is bounded by the reader's depth.
bool strings_are_utf8(const element& value) {
  std::string_view text;
  object members;
  array items;
  if (value.get(text) == simdjson::SUCCESS) return is_utf8(text);
  if (value.get(members) == simdjson::SUCCESS) {
    return std::all_of(members.begin(), members.end(), [](const auto& member) {
      return is_utf8(member.key) && strings_are_utf8(member.value);
    });
  }
  if (value.get(items) != simdjson::SUCCESS) return true;
  return std::all_of(items.begin(), items.end(), strings_are_utf8);
}

// Only an escape can smuggle a surrogate in: raw ones are not UTF-8, which was checked.
bool may_hold_surrogate(std::string_view text) {
  for (std::size_t at = 0; (at = text.find("\\u", at)) != std::string_view::npos; at += 2) {
    if (at + 2 < text.size() && (text[at + 2] == 'd' || text[at + 2] == 'D')) return true;
  }
  return false;
}

}  // namespace

JsonReader::JsonReader(std::size_t bytes_max) : bytes_max_(bytes_max), parser_(bytes_max) {
  const std::size_t warm = std::min(bytes_max, kWarmBytes);
  padded_.resize(warm + simdjson::SIMDJSON_PADDING);
  CHECK(parser_.allocate(warm, kDepthMax) == simdjson::SUCCESS);
}

std::optional<element> JsonReader::parse(std::string_view text) {
  size_ = 0;
  if (text.empty() || text.size() > bytes_max_) return std::nullopt;
  const std::size_t needed = text.size() + simdjson::SIMDJSON_PADDING;
  if (padded_.size() < needed) padded_.resize(needed);
  std::memcpy(padded_.data(), text.data(), text.size());
  size_ = text.size();
  element root;
  if (parser_.parse(padded_.data(), size_, false).get(root) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  if (may_hold_surrogate(text) && !strings_are_utf8(root)) return std::nullopt;
  return root;
}

std::optional<Member> find_member(object members, std::string_view name) {
  std::size_t index = 0;
  for (const auto member : members) {
    if (member.key == name) return Member{member.value, index};
    ++index;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> unsigned_of(element value, std::uint64_t max) {
  std::uint64_t number = 0;
  if (value.get(number) != simdjson::SUCCESS || number > max) return std::nullopt;
  return number;
}

std::optional<std::string_view> string_of(element value) {
  std::string_view text;
  if (value.get(text) != simdjson::SUCCESS) return std::nullopt;
  return text;
}

std::optional<object> object_of(element value) {
  object members;
  if (value.get(members) != simdjson::SUCCESS) return std::nullopt;
  return members;
}

std::optional<std::string_view> string_member(object members, std::string_view name) {
  const auto member = find_member(members, name);
  return member ? string_of(member->value) : std::nullopt;
}

std::optional<object> object_member(object members, std::string_view name) {
  const auto member = find_member(members, name);
  return member ? object_of(member->value) : std::nullopt;
}

std::optional<std::uint64_t> unsigned_member(object members, std::string_view name,
                                             std::uint64_t max) {
  const auto member = find_member(members, name);
  return member ? unsigned_of(member->value, max) : std::nullopt;
}

}  // namespace spillway::protocol
