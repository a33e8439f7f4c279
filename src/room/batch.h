// One group commit as Redis ordered it: what servers receive, loops share and logs keep.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "protocol/batch.h"

namespace spillway::room {

struct Batch {
  std::string epoch;
  std::uint64_t first_seq = 0;
  std::uint32_t count = 0;
  WallTime newest;    // `ts` of the last message
  std::string lines;  // `count` JSON objects without type and seq, one a line

  std::uint64_t last_seq() const { return first_seq + count - 1; }
};

// Immutable bytes are the only thing that loops share.
using BatchPtr = std::shared_ptr<const Batch>;

// From the bytes on the bus or in the log. `now` stands in where the last line has no `ts`.
BatchPtr make_batch(const protocol::BatchView& view, WallTime now);

// `batches`, which follow each other, as one; as new as the last of them.
// REQUIRES at least one.
BatchPtr join(const std::vector<BatchPtr>& batches);
// The messages of `batch` up to `seq`, as new as all of it. REQUIRES it to hold that one.
BatchPtr cut_after(const Batch& batch, std::uint64_t seq);

}  // namespace spillway::room
