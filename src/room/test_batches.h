// For tests: lines and batches as they come over the bus.
#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "protocol/message_line.h"
#include "room/batch.h"

namespace spillway::room {

// A bus line of exactly `bytes` bytes, which name `seq` in their text.
inline std::string test_line(std::uint64_t seq, std::size_t bytes = 40) {
  std::string line = fmt::format(R"({{"message":"{:06})", seq);
  if (line.size() + 2 < bytes) line.append(bytes - line.size() - 2, 'x');
  return line + R"("})";
}

// The message that a viewer gets for it.
inline std::string test_chat(std::uint64_t seq, std::string_view line) {
  std::string chat;
  protocol::append_chat(chat, seq, line);
  return chat;
}

inline BatchPtr test_batch(std::string epoch, std::uint64_t first_seq, std::uint32_t count = 1,
                           WallTime newest = {}, std::size_t line_bytes = 40) {
  auto batch = std::make_shared<Batch>();
  batch->epoch = std::move(epoch);
  batch->first_seq = first_seq;
  batch->count = count;
  batch->newest = newest;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (i > 0) batch->lines += '\n';
    batch->lines += test_line(first_seq + i, line_bytes);
  }
  return batch;
}

}  // namespace spillway::room
