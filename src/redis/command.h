// One command for Redis as RESP bytes.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace spillway::redis {

// Command("EVALSHA").arg(sha).arg(1).arg(key). A value; arguments are binary safe.
class Command {
 public:
  explicit Command(std::string_view name) : bytes_(kHeaderRoom, '\0') { arg(name); }

  Command& arg(std::string_view value);
  Command& arg(double value);  // the shortest text that reads back the same
  template <std::integral Integer>
  Command& arg(Integer value) {
    if constexpr (std::signed_integral<Integer>) {
      return signed_arg(value);
    } else {
      return unsigned_arg(value);
    }
  }

  std::string_view bytes() const { return std::string_view(bytes_).substr(start_); }

 private:
  // RESP puts the number of arguments first, and it is known last. So room for the longest header
  // is left in front, and the header stands at its right end.
  static constexpr std::size_t kHeaderRoom = 16;

  Command& signed_arg(std::int64_t value);
  Command& unsigned_arg(std::uint64_t value);

  std::string bytes_;
  std::size_t start_ = kHeaderRoom;  // where the header begins
  std::uint32_t arguments_ = 0;
};

}  // namespace spillway::redis
