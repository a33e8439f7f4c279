#include "room/simulation/fake_redis.h"

#include <utility>

#include "protocol/batch.h"

namespace spillway::room::simulation {

EpochState FakeRedis::settle(const Seen& seen) { return settled(seen).state; }

FakeRedis::Meta& FakeRedis::settled(const Seen& seen) {
  if (!data_.meta) {
    data_.meta = Meta{{seen.fresh, 0, "", 0}, seen.run, {}};
    delete_log();
    watch_.began(data_.meta->state);
    return *data_.meta;
  }
  Meta& meta = *data_.meta;
  EpochState& state = meta.state;
  const bool behind = state.epoch == seen.epoch && state.seq < seen.seq;
  if (meta.run == seen.run && !behind) return meta;
  state = {seen.fresh, state.seq, state.epoch, state.seq};
  meta.run = seen.run;
  if (!data_.log.empty() && data_.log.back().batch->first_seq > state.seq) delete_log();
  watch_.began(state);
  return meta;
}

Receipt FakeRedis::publish(const Seen& seen, const Publication& publication, WallTime now) {
  Meta& meta = settled(seen);
  EpochState& state = meta.state;
  if (const auto last = meta.last.find(publication.server); last != meta.last.end()) {
    if (last->second.number == publication.number) {
      return {false, state.epoch, last->second.first_seq};
    }
    if (last->second.number > publication.number) return {true, state.epoch, 0};
  }
  const std::uint64_t first = state.seq + 1;
  const protocol::BatchView view{
      {state.epoch, first, publication.count, publication.server, publication.number},
      publication.lines};
  const BatchPtr batch = make_batch(view, now);
  const bool grown = append({batch, publication.server, publication.number});
  state.seq += publication.count;
  meta.last[publication.server] = {publication.number, first};
  if (grown && publication.keep_from > 0 && state.epoch == seen.epoch) {
    while (!data_.log.empty() && data_.log.front().batch->first_seq < publication.keep_from) {
      data_.log.pop_front();
    }
  }
  watch_.published(batch);
  return {false, state.epoch, first};
}

bool FakeRedis::append(Entry entry) {
  if (entry.batch->first_seq <= data_.last_id) delete_log();  // a log from ahead of the counter
  const bool grown = data_.last_id > 0;
  data_.last_id = entry.batch->first_seq;
  data_.log.push_back(std::move(entry));
  return grown;
}

Page FakeRedis::read(std::uint64_t from, std::uint64_t to, std::size_t bytes_max) const {
  Page page;
  page.epoch = state().epoch;
  std::size_t bytes = 0;
  for (auto entry = data_.log.rbegin(); entry != data_.log.rend(); ++entry) {
    const std::uint64_t id = entry->batch->first_seq;
    if (id > to) continue;
    if (id < from) break;
    const std::size_t more = text(*entry).size();
    if (bytes > 0 && bytes + more > bytes_max) {
      page.complete = false;
      break;
    }
    bytes += more;
    page.batches.push_back(entry->batch);
  }
  return page;
}

void FakeRedis::restart(Keeps keeps) {
  ++run_;
  if (keeps == Keeps::kSaved) data_ = saved_;
  if (keeps == Keeps::kNothing) data_ = {};
  saved_ = data_;
}

void FakeRedis::delete_log() {
  data_.log.clear();
  data_.last_id = 0;
  watch_.log_deleted();
}

EpochState FakeRedis::state() const { return data_.meta ? data_.meta->state : EpochState{}; }

std::string FakeRedis::text(const Entry& entry) {
  const Batch& batch = *entry.batch;
  std::string text;
  protocol::append_batch_header(
      text, {batch.epoch, batch.first_seq, batch.count, entry.server, entry.number});
  return text + batch.lines;
}

std::vector<std::string> FakeRedis::log_texts() const {
  std::vector<std::string> texts;
  for (const Entry& entry : data_.log) texts.push_back(text(entry));
  return texts;
}

}  // namespace spillway::room::simulation
