// The newest batches of one room, contiguous by seq: the copy of the Redis stream that resumes,
// late loops and trims are answered from.
//
// Owned by the hub (loop 0). Bounded by HistoryRules, cut at whole batches, since the stream's
// entries are whole batches too. That of a quiet room is one batch: each takes 150 bytes of its
// own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/clock.h"
#include "base/fifo.h"
#include "room/batch.h"
#include "room/history_rules.h"

namespace spillway::room {

class RoomLog {
 public:
  static constexpr std::size_t kJoinBytesMax = 32 * 1024;

  // A batch that does not follow the last one begins the log anew: a log has no holes.
  void append(BatchPtr batch);
  void clear();
  // Forgets what came after `seq` (a Redis that lost it has begun a new epoch from there).
  void truncate_after(std::uint64_t seq);

  // Drops from the front what the rules no longer keep.
  void trim(const HistoryRules& rules, WallTime now);

  // Makes one batch of all, if that is little and the rules keep it for its number, so that they
  // would not cut it anyway. False: they are too much.
  bool join(const HistoryRules& rules);

  bool empty() const { return batches_.empty(); }
  // REQUIRES !empty().
  std::uint64_t first_seq() const { return batches_.front()->first_seq; }
  std::uint64_t last_seq() const { return batches_.back()->last_seq(); }
  WallTime newest() const { return batches_.back()->newest; }
  std::size_t bytes() const { return bytes_; }

  // REQUIRES join() to have been true since the last append(), and !empty().
  const BatchPtr& only() const { return batches_.front(); }
  // All batches that hold messages after `seq`, oldest first.
  std::vector<BatchPtr> after(std::uint64_t seq) const;

 private:
  void drop_front();
  void pop_back();

  Fifo<BatchPtr> batches_;
  std::size_t bytes_ = 0;  // of JSON lines
  std::size_t messages_ = 0;
};

}  // namespace spillway::room
