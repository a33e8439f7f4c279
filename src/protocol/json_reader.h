// simdjson as this module uses it: a document is checked whole before anything is read from it.
#pragma once

#include <simdjson.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace spillway::protocol {

// Parses one JSON text after the other. Owned by the parser of one direction, used by one thread.
// Bounded by `bytes_max`; its buffers grow to the longest text seen and are then reused.
class JsonReader {
 public:
  // Deeper than any message of ours, and far from what could hurt the stack.
  static constexpr std::size_t kDepthMax = 32;

  explicit JsonReader(std::size_t bytes_max);

  // The document, if `text` is exactly one JSON value: valid UTF-8, every string valid Unicode
  // (no lone surrogates), numbers within 64 bits, nothing after it. Lives until the next call.
  std::optional<simdjson::dom::element> parse(std::string_view text);

  // The bytes of the last text parsed, owned by the reader.
  std::string_view text() const { return {padded_.data(), size_}; }

 private:
  std::size_t bytes_max_;
  std::size_t size_ = 0;
  std::string padded_;  // the text, and what simdjson may read beyond it
  simdjson::dom::parser parser_;
};

struct Member {
  simdjson::dom::element value;
  std::size_t index = 0;  // among the members of its object
};

// The first member of that name: every reader of ours takes the first of two equal keys.
std::optional<Member> find_member(simdjson::dom::object members, std::string_view name);

// A whole number that is written as one (41, not 41.0 or 4.1e1) and not beyond `max`.
std::optional<std::uint64_t> unsigned_of(simdjson::dom::element element, std::uint64_t max);

std::optional<std::string_view> string_of(simdjson::dom::element element);
std::optional<simdjson::dom::object> object_of(simdjson::dom::element element);

// The first member of that name, where it is a string / an object.
std::optional<std::string_view> string_member(simdjson::dom::object members, std::string_view name);
std::optional<simdjson::dom::object> object_member(simdjson::dom::object members,
                                                   std::string_view name);
std::optional<std::uint64_t> unsigned_member(simdjson::dom::object members, std::string_view name,
                                             std::uint64_t max);

}  // namespace spillway::protocol
