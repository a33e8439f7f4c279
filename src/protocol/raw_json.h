// Finds a value's own bytes in JSON text, which a parsed document no longer knows.
#pragma once

#include <cstddef>
#include <string_view>

namespace spillway::protocol {

struct RawValue {
  std::string_view text;
  unsigned depth = 0;  // levels of objects and arrays; 0 for a string or number
};

// The value of the member at `index` of the object that `object` begins with.
// REQUIRES: JsonReader accepted the text, and the object has more than `index` members.
RawValue raw_member(std::string_view object, std::size_t index);

}  // namespace spillway::protocol
