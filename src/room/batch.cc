#include "room/batch.h"

#include <algorithm>

#include "protocol/message_line.h"

namespace spillway::room {

BatchPtr make_batch(const protocol::BatchView& view, WallTime now) {
  auto batch = std::make_shared<Batch>();
  batch->epoch = view.header.epoch;
  batch->first_seq = view.header.first_seq;
  batch->count = view.header.count;
  batch->lines = view.lines;
  const std::size_t last_line = view.lines.rfind('\n') + 1;  // npos + 1 is 0: the only line
  const auto ts = protocol::line_timestamp(view.lines.substr(last_line));
  // A time from the future would keep the batch in the log for as long.
  batch->newest = ts ? std::min(WallTime{*ts}, now) : now;
  return batch;
}

}  // namespace spillway::room
