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

BatchPtr join(const std::vector<BatchPtr>& batches) {
  auto all = std::make_shared<Batch>();
  all->epoch = batches.back()->epoch;
  all->first_seq = batches.front()->first_seq;
  all->newest = batches.back()->newest;
  std::size_t bytes = batches.size() - 1;
  for (const BatchPtr& batch : batches) bytes += batch->lines.size();
  all->lines.reserve(bytes);
  for (const BatchPtr& batch : batches) {
    if (all->count > 0) all->lines += '\n';
    all->lines += batch->lines;
    all->count += batch->count;
  }
  return all;
}

BatchPtr cut_after(const Batch& batch, std::uint64_t seq) {
  auto part = std::make_shared<Batch>();
  part->epoch = batch.epoch;
  part->first_seq = batch.first_seq;
  part->count = static_cast<std::uint32_t>(seq - batch.first_seq + 1);
  part->newest = batch.newest;
  std::size_t end = 0;
  for (std::uint32_t i = 0; i < part->count; ++i) end = batch.lines.find('\n', end) + 1;
  part->lines = batch.lines.substr(0, end - 1);
  return part;
}

}  // namespace spillway::room
