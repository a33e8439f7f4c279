// Choices out of a fuzzer's input; past its end everything is zero or empty.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace spillway::fuzz {

class Source {
 public:
  explicit Source(std::string_view bytes) : bytes_(bytes) {}

  bool empty() const { return bytes_.empty(); }

  std::uint8_t byte() {
    const std::string_view one = take(1);
    return one.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(one[0]);
  }
  bool flag() { return (byte() & 1U) != 0; }
  std::size_t below(std::size_t limit) { return byte() % limit; }

  // A byte says how long it is.
  std::string_view text() { return take(byte()); }

 private:
  std::string_view take(std::size_t bytes_max) {
    const std::string_view taken = bytes_.substr(0, bytes_max);
    bytes_.remove_prefix(taken.size());
    return taken;
  }

  std::string_view bytes_;
};

}  // namespace spillway::fuzz
