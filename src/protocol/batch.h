// A batch: consecutive messages of one room, as they cross the bus and stand in the log.
//
//   v1 <epoch> <first seq> <count> <server> <batch number>\n<line>\n<line>...
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace spillway::protocol {

// Publishers stay at 512 messages and 256 KiB; readers take more, for the sake of later releases.
inline constexpr std::uint32_t kBatchCountMax = 4096;
inline constexpr std::size_t kBatchBytesMax = 1024 * 1024;

struct BatchHeader {
  std::string epoch;
  std::uint64_t first_seq = 0;
  std::uint32_t count = 0;
  std::string server;        // who published it: 1-64 characters as in an epoch, by use a UUID
  std::uint64_t number = 0;  // that server's own count of its batches
  friend bool operator==(const BatchHeader&, const BatchHeader&) = default;
};

struct BatchView {
  BatchHeader header;
  std::string_view lines;  // header.count of them, a newline between two, none at the end
};

enum class BatchProblem {
  kUnknownVersion,  // of a later release: skip and count
  kMalformed,
};

// `lines` of the answer is a view into `bytes`. Every line is valid UTF-8 without control bytes,
// begins with `{"` and ends with `}`.
std::variant<BatchView, BatchProblem> parse_batch(std::string_view bytes);

// The header and its newline. Servers write the one that they expect; the Lua script that knows the
// seq corrects it.
void append_batch_header(std::string& out, const BatchHeader& header);

// Calls fn(std::string_view line) for each line, in order.
template <typename Fn>
void for_each_line(std::string_view lines, Fn&& fn) {
  while (true) {
    const std::size_t newline = lines.find('\n');
    fn(lines.substr(0, newline));
    if (newline == std::string_view::npos) return;
    lines.remove_prefix(newline + 1);
  }
}

}  // namespace spillway::protocol
