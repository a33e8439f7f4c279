#include "server/counting.h"

#include <fmt/core.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "protocol/remove_server_script.h"
#include "redis/mend.h"
#include "server/scripts.h"

namespace spillway::server {
namespace {

// Every room's total is asked for within this time, also when nothing changes here.
constexpr std::size_t kAskAllWithinSeconds = 4;
constexpr std::chrono::seconds kHeapEvery{10};

}  // namespace

Counting::Counting(RedisLink& link, const ServerOptions& options, const protocol::RedisNames& names,
                   OnTotal on_total, Refusals& refusals, Log& log)
    : link_(link),
      options_(options),
      names_(names),
      on_total_(std::move(on_total)),
      refusals_(refusals),
      log_(log),
      count_(count_script()),
      remove_(protocol::remove_server_script()),
      last_(options.threads) {}

std::uint64_t Counting::Room::total() const {
  return std::accumulate(viewers.begin(), viewers.end(), std::uint64_t{0});
}

Counting::Room& Counting::room(std::string_view name) {
  const auto found = rooms_.find(name);
  if (found != rooms_.end()) return found->second;
  Room& fresh = rooms_.emplace(std::string(name), Room{}).first->second;
  fresh.viewers.resize(last_.size());
  return fresh;
}

void Counting::mark(std::string_view name, Room& room) {
  if (!std::exchange(room.changed, true)) changed_.emplace_back(name);
}

void Counting::take(Tally&& tally) {
  for (const Tally::Room& change : std::exchange(tally.changed, {})) {
    Room& counted = room(change.name);
    counted.viewers[tally.loop] = change.viewers;
    counted.writes += change.deliveries;
    mark(change.name, counted);
  }
  last_[tally.loop] = std::move(tally);
}

void Counting::published(std::string_view name, std::uint64_t messages) {
  Room& counted = room(name);
  counted.messages += messages;
  mark(name, counted);
}

// Looked at so rarely that no p99 has to do with it.
const HeapUse& Counting::heap() {
  const TimePoint now = Clock::now();
  if (now >= heap_due_) {
    heap_ = heap_use();
    heap_due_ = now + kHeapEvery;
  }
  return heap_;
}

void Counting::tick(std::string_view status, std::uint64_t fanned_out) {
  if (!link_.ready() || calls_ > 0 || left_) return;
  status_ = status;
  fanned_out_ = fanned_out;
  if (counted_on_ != link_.run_id()) return count_anew();
  do {  // also without any change: the heartbeat
    if (!send_some(false)) return;
  } while (!changed_.empty());
  ask_totals();
}

// One call takes back and counts, so that this server is never missing in between. It goes alone:
// until it is confirmed it may have to be repeated, which takes back what was told after it.
void Counting::count_anew() {
  mark_all();
  static_cast<void>(send_some(true));  // the next tick tries again
}

void Counting::counted_anew(const std::string& run_id) {
  if (!counted_on_.empty()) log_.info("counts written anew", {{"why", "another redis process"}});
  counted_on_ = run_id;
  if (!changed_.empty()) tick(status_, fanned_out_);
}

void Counting::mark_all() {
  for (auto& [name, counted] : rooms_) mark(name, counted);
}

bool Counting::send_some(bool anew) {
  const std::size_t count = std::min(changed_.size(), kRoomsPerCall);
  const auto from = changed_.end() - static_cast<std::ptrdiff_t>(count);
  const std::vector<std::string> rooms(std::make_move_iterator(from),
                                       std::make_move_iterator(changed_.end()));
  changed_.erase(from, changed_.end());
  if (changed_.empty()) changed_ = std::vector<std::string>();  // `= {}` would keep the memory
  return send(rooms, anew);
}

bool Counting::send(const std::vector<std::string>& rooms, bool anew) {
  const ServerTotals sum = totals();
  const auto history_ttl_ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(options_.history_ttl).count();
  const std::vector<std::pair<std::string_view, std::string>> fields{
      {"id", options_.id},
      {"url", options_.advertise_url},
      {"status", status_},
      {"rss", std::to_string(resident_bytes())},
      {"heapTotal", std::to_string(heap().bytes)},
      {"heapUsed", std::to_string(heap().used)},
      {"busy", fmt::format("{:.4f}", sum.busy)},
      {"flushes", std::to_string(sum.counters[Counter::kFlushes])}};
  std::vector<std::string> args{options_.id,
                                std::to_string(sum.viewers),
                                std::to_string(sum.counters[Counter::kDeliveries]),
                                fmt::format("{:.3f}", sum.lag_ms),
                                std::to_string(fanned_out_),
                                std::to_string(history_ttl_ms),
                                anew ? "1" : "0",
                                std::to_string(fields.size())};
  for (const auto& [name, value] : fields) {
    args.emplace_back(name);
    args.push_back(value);
  }
  std::vector<Told> told;
  told.reserve(rooms.size());
  for (const std::string& name : rooms) {
    Room& counted = room(name);
    counted.changed = false;
    told.push_back({name, std::exchange(counted.messages, 0), std::exchange(counted.writes, 0)});
    args.push_back(name);
    args.push_back(std::to_string(counted.total()));
    args.push_back(std::to_string(told.back().messages));
    args.push_back(std::to_string(told.back().writes));
  }
  const std::vector<std::string> keys{names_.server_hash(options_.id),
                                      names_.servers_clients(),
                                      names_.servers_cumulative_socket_writes(),
                                      names_.servers_event_loop(),
                                      names_.servers_fanout(),
                                      names_.rooms_clients(),
                                      names_.rooms_cumulative_messages(),
                                      names_.rooms_cumulative_socket_writes(),
                                      names_.rooms_idle()};
  ++calls_;
  const auto sent =
      count_.eval(link_.commands(), keys, std::move(args),
                  [this, told, anew, run_id = link_.run_id()](const redis::Answer& answer) {
                    --calls_;
                    answered(told, answer);
                    if (answer.fate != redis::Fate::kAnswered || refused_) return;
                    if (anew) return counted_anew(run_id);
                    if (answer.reply[0].integer() != 1) taken_for_dead();
                  });
  if (sent == redis::Client::Sent::kQueued) return true;
  --calls_;
  untell(told);
  again(told);
  return false;
}

void Counting::answered(const std::vector<Told>& rooms, const redis::Answer& answer) {
  if (answer.fate == redis::Fate::kAnswered) refused_ = answer.reply.is_error();
  if (answer.fate != redis::Fate::kAnswered || refused_) {
    refusals_.note("count", names_.server_hash(options_.id), answer);
    const bool untouched =
        answer.fate == redis::Fate::kNeverSent || redis::refused_whole(answer.reply.error_text());
    if (untouched) untell(rooms);
    again(rooms);
    return;
  }
  for (std::size_t i = 0; i < rooms.size(); ++i) {
    on_total_(rooms[i].name, static_cast<std::uint64_t>(std::max<std::int64_t>(
                                 0, answer.reply[1][i].integer().value_or(0))));
    const auto found = rooms_.find(rooms[i].name);
    if (found != rooms_.end() && !found->second.changed && found->second.total() == 0) {
      rooms_.erase(found);
    }
  }
}

// Its entries were gone: what was not told since then is missing.
void Counting::taken_for_dead() {
  log_.warn("counts written anew", {{"why", "our entries were gone"}});
  mark_all();
}

// The call had no effect: what it told is told again.
void Counting::untell(const std::vector<Told>& rooms) {
  for (const Told& told : rooms) {
    Room& counted = room(told.name);
    counted.messages += told.messages;
    counted.writes += told.writes;
  }
}

// The viewers are told as a difference to what Redis knows, so telling them again is right whatever
// became of the call. Messages and writes of a call whose fate is unknown are not told twice.
void Counting::again(const std::vector<Told>& rooms) {
  for (const Told& told : rooms) mark(told.name, room(told.name));
}

// The totals of rooms that changed on other servers only.
void Counting::ask_totals() {
  if (to_ask_.empty()) {
    for (const auto& [name, counted] : rooms_) {
      if (counted.total() > 0) to_ask_.push_back(name);
    }
  }
  std::size_t left = std::max(kRoomsPerCall, rooms_.size() / kAskAllWithinSeconds);
  while (!to_ask_.empty() && left > 0) {
    const std::size_t count = std::min({to_ask_.size(), left, kRoomsPerCall});
    const auto from = to_ask_.end() - static_cast<std::ptrdiff_t>(count);
    const std::vector<std::string> names(std::make_move_iterator(from),
                                         std::make_move_iterator(to_ask_.end()));
    to_ask_.erase(from, to_ask_.end());
    left -= count;
    redis::Command command("ZMSCORE");
    command.arg(names_.rooms_clients());
    for (const std::string& name : names) command.arg(name);
    const auto sent = link_.commands().send(command, [this, names](const redis::Answer& answer) {
      if (answer.fate != redis::Fate::kAnswered) return;
      for (std::size_t i = 0; i < names.size(); ++i) {
        const auto total = answer.reply[i].integer();
        if (total && *total >= 0) on_total_(names[i], static_cast<std::uint64_t>(*total));
      }
    });
    if (sent != redis::Client::Sent::kQueued) return;
  }
}

void Counting::leave(const std::function<void(bool)>& done) {
  left_ = true;
  const auto sent =
      remove_.eval(link_.commands(),
                   {names_.server_hash(options_.id), names_.servers_clients(),
                    names_.servers_cumulative_socket_writes(), names_.servers_event_loop(),
                    names_.servers_fanout(), names_.rooms_clients(), names_.rooms_idle(),
                    names_.balancer_servers()},
                   {options_.id, "0"}, [done](const redis::Answer& answer) {
                     done(answer.fate == redis::Fate::kAnswered && !answer.reply.is_error());
                   });
  if (sent != redis::Client::Sent::kQueued) done(false);
}

ServerTotals Counting::totals() const {
  ServerTotals sum;
  for (const Tally& tally : last_) {
    sum.counters.add(tally.counters);
    sum.lag_ms = std::max(sum.lag_ms, tally.lag_ms);
    sum.busy = std::max(sum.busy, tally.busy);
    sum.viewers += tally.viewers;
    sum.connections += tally.connections;
    sum.rooms += tally.rooms;
    sum.ring_bytes += tally.ring_bytes;
  }
  return sum;
}

bool Counting::all_gone() const {
  return std::all_of(last_.begin(), last_.end(), [](const Tally& tally) { return tally.last; });
}

std::vector<std::uint64_t> Counting::viewers_by_loop() const {
  std::vector<std::uint64_t> viewers;
  for (const Tally& tally : last_) viewers.push_back(tally.viewers);
  return viewers;
}

}  // namespace spillway::server
