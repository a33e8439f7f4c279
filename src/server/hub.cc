#include "server/hub.h"

#include <algorithm>
#include <utility>

#include "base/overloaded.h"
#include "protocol/batch.h"
#include "server/hub_feed.h"
#include "server/scripts.h"
#include "server/settle_args.h"

namespace spillway::server {
namespace {

constexpr std::chrono::seconds kSecond{1};
constexpr std::chrono::milliseconds kFastTick{20};  // loops that fell behind get the rest
// Every room's log is trimmed once a second, beyond 10,000 rooms less often.
constexpr std::size_t kTicksPerSecond = kSecond / kFastTick;
constexpr std::size_t kTrimsPerTickMax = 200;
// A room's meta lives for a day after its last message or viewer: while there are viewers it is
// renewed within these rounds.
constexpr std::size_t kRenewAllWithinSeconds = 3600;
constexpr std::chrono::minutes kDeadAgainWithin{2};
constexpr std::chrono::minutes kSayDeadEvery{1};

}  // namespace

Hub::Hub(boost::asio::io_context& context, const redis::Url& redis, const ServerOptions& options,
         Ports ports, StatusBoard& status, Log& log)
    : options_(options),
      rules_{options.history_messages,
             std::chrono::duration_cast<std::chrono::milliseconds>(options.history_window),
             options.history_bytes_max},
      names_(options.redis_prefix),
      ports_(std::move(ports)),
      status_(status),
      log_(log),
      refusals_(log),
      link_(context, redis, options.id, log),
      counting_(
          link_, options_, names_,
          [this](std::string_view room, std::uint64_t viewers) { total(room, viewers); }, refusals_,
          log),
      publisher_(context, link_, options_, names_,
                 {ports_.to_loops, [this](std::string_view name) { return find(name); },
                  [this](HubRoom& room) { drop_if_unused(room); },
                  [this](std::string_view room, std::uint64_t messages) {
                    counting_.published(room, messages);
                  }},
                 refusals_),
      positions_(
          link_, names_,
          {[this](std::string_view name) { return find(name); },
           [this](HubRoom& room) { compare(room); }, [this](HubRoom& room) { missed(room); }}),
      settle_(settle_script()),
      read_(read_script()),
      counts_(ports_.to_loops.size()),
      second_(context),
      fast_(context) {}

void Hub::start() {
  link_.start(
      {[this] { redis_ready_again(); }, [this](const Error& error) { redis_lost(error); },
       [this] { subscriber_lost(); }, [this](std::string_view channel) { subscribed(channel); },
       [this](std::string_view channel, std::string_view payload) { message(channel, payload); }});
  link_.subscriber().subscribe(names_.control_channel(options_.id));
  every_second();
  fast_tick();
}

void Hub::stop() {
  second_.cancel();
  fast_.cancel();
  publisher_.stop();
  link_.stop();
}

void Hub::announce() {
  announced_ = true;
  counting_.tick(server_status_, metrics_.fanned_out);
  const auto sent = link_.commands().send(
      redis::Command("PUBLISH").arg(names_.server_channel(options_.id)).arg(options_.advertise_url),
      [](const redis::Answer&) {});
  static_cast<void>(sent);  // whoever misses it finds the URL in the server's hash
}

void Hub::handle(ToHub&& message) {
  affinity_.check();
  std::visit(overloaded{[this](WantRoom& want) { handle(want); },
                        [this](ReleaseRoom& release) { handle(release); },
                        [this](RecheckRoom& recheck) { handle(recheck); },
                        [this](Publish& publish) { handle(publish); },
                        [this](Tally& tally) { handle(tally); }},
             message);
}

void Hub::handle(WantRoom& want) {
  HubRoom* room = find(want.room);
  if (room == nullptr) {
    room = &rooms_.add(
        std::make_unique<HubRoom>(want.room, next_round(), rules_, ports_.to_loops.size()));
    room->turn = turns_.size();
    turns_.push_back(room);
    positions_.add(*room);
    if (link_.ready()) {
      room::SyncActions actions;
      room->sync.start(actions);
      run(*room, std::move(actions));
    }
  }
  Feed feed(*this, *room);
  room->feed.want(want.loop, room->sync, feed);
}

void Hub::handle(ReleaseRoom& release) {
  HubRoom* const room = find(release.room);
  if (room == nullptr) return;
  room->feed.release(release.loop);
  drop_if_unused(*room);
}

void Hub::handle(RecheckRoom& recheck) {
  HubRoom* const room = find(recheck.room);
  if (room == nullptr) return;
  if (room->feed.recheck(recheck.loop, recheck.question, room->sync)) compare(*room);
}

void Hub::handle(Tally& tally) {
  for (const Tally::Room& changed : tally.changed) {
    if (HubRoom* const room = find(changed.name)) room->feed.stirred(tally.loop);
  }
  counting_.take(std::move(tally));
}

void Hub::compare(HubRoom& room) {
  room::SyncActions actions;
  room.sync.recheck(actions);
  run(room, std::move(actions));
}

// The room's subscription is dead, and Redis, or what is between, has not said so. If a new one
// does not help either, all of the connection is to blame.
void Hub::missed(HubRoom& room) {
  ++metrics_.dead_subscriptions;
  const TimePoint now = Clock::now();
  const bool again = room.missed_at != TimePoint{} && now - room.missed_at < kDeadAgainWithin;
  room.missed_at = now;
  if (!dead_said_ || now - *dead_said_ >= kSayDeadEvery) {
    dead_said_ = now;
    log_.warn("subscription dead", {{"room", room.name}, {"so_far", metrics_.dead_subscriptions}});
  }
  if (again) {
    link_.subscriber().reconnect(Error{"it does not hand on what is published"});
    return;  // all rooms are read anew when it is back
  }
  room.confirmed = false;
  link_.subscriber().unsubscribe(names_.room_channel(room.name));
  link_.subscriber().subscribe(names_.room_channel(room.name));
  compare(room);
}

void Hub::handle(Publish& publish) {
  HubRoom* const room = find(publish.room);
  CHECK(room != nullptr);  // a loop publishes to rooms that it wants
  publisher_.add(*room, std::move(publish.message));
}

HubRoom* Hub::find(std::string_view name) { return rooms_.find(name); }

void Hub::drop_if_unused(HubRoom& room) {
  if (room.feed.wanted() || !room.commit.idle()) return;
  link_.subscriber().unsubscribe(names_.room_channel(room.name));
  turns_[room.turn] = turns_.back();
  turns_[room.turn]->turn = room.turn;
  turns_.pop_back();
  rooms_.erase(room);
}

void Hub::redis_ready_again() {
  status_.set_redis(true);
  for (const auto& room : rooms_) {
    room->round = next_round();
    room::SyncActions actions;
    room->sync.lost();
    room->sync.start(actions);
    run(*room, std::move(actions));
  }
  publisher_.resume();
  if (!std::exchange(ready_once_, true)) ports_.on_ready();
}

void Hub::redis_lost(const Error& error) {
  if (ready_once_) ++metrics_.redis_losses;
  status_.set_redis(false);
  for (const auto& room : rooms_) {
    room->round = next_round();
    room->sync.lost();
  }
  ports_.on_lost(error);
}

void Hub::subscriber_lost() {
  for (const auto& room : rooms_) room->confirmed = false;
}

void Hub::subscribed(std::string_view channel) {
  const auto name = names_.room_of_channel(channel);
  HubRoom* const room = name ? find(*name) : nullptr;
  if (room == nullptr) return;
  room->confirmed = true;
  room::SyncActions actions;
  room->sync.subscribed(actions);
  run(*room, std::move(actions));
}

void Hub::message(std::string_view channel, std::string_view payload) {
  const auto name = names_.room_of_channel(channel);
  if (!name) {
    control(payload);
    return;
  }
  ++metrics_.bus_batches;
  const auto parsed = protocol::parse_batch(payload);
  if (const auto* problem = std::get_if<protocol::BatchProblem>(&parsed)) {
    ++(*problem == protocol::BatchProblem::kUnknownVersion ? metrics_.bus_unknown_version
                                                           : metrics_.bus_malformed);
    return;
  }
  HubRoom* const room = find(*name);
  if (room == nullptr) return;
  const auto& batch = std::get<protocol::BatchView>(parsed);
  if (!lines_.are_messages(batch)) {
    ++metrics_.bus_malformed;
    return;
  }
  const WallTime now = wall_now();
  room::SyncActions actions;
  room->sync.live(room::make_batch(batch, now), now, actions);
  run(*room, std::move(actions));
}

void Hub::control(std::string_view payload) {
  const auto order = protocol::parse_control(payload);
  if (!order) {
    ++metrics_.control_malformed;
    return;
  }
  std::visit(overloaded{[this](const protocol::Redistribute& redistribute) {
                          order_to_leave(redistribute);
                        },
                        [this](const protocol::DrainOrder&) { ports_.on_drain(); }},
             *order);
}

// Each loop gives up viewers in proportion to those it has.
void Hub::order_to_leave(const protocol::Redistribute& order) {
  const std::vector<std::uint64_t> viewers = counting_.viewers_by_loop();
  std::uint64_t all = 0;
  for (const std::uint64_t n : viewers) all += n;
  log_.info("redistribute", {{"n", order.n}, {"viewers", all}, {"targets", order.targets.size()}});
  std::uint64_t before = 0;
  for (std::size_t loop = 0; loop < viewers.size(); ++loop) {
    const std::uint64_t until = before + viewers[loop];
    const auto part = [&](std::uint64_t whole) {  // the parts add up to the whole
      if (all == 0) return loop == 0 ? whole : 0;
      return whole * until / all - whole * before / all;
    };
    LeaveOrder leave{static_cast<std::uint32_t>(part(order.n)), {}};
    for (const auto& target : order.targets) {
      leave.targets.push_back({target.url, static_cast<std::uint32_t>(part(target.n))});
    }
    before = until;
    // Full: the balancer repeats its orders every second while they are needed.
    if (ports_.to_loops[loop](std::move(leave)) == Post::kFull) ++mailbox_full();
  }
}

void Hub::total(std::string_view name, std::uint64_t viewers) {
  HubRoom* const room = find(name);
  if (room == nullptr || room->viewers == viewers) return;
  room->viewers = viewers;
  for (std::uint32_t loop = 0; loop < counts_.size(); ++loop) {
    if (room->feed.wants(loop)) counts_[loop].counts.push_back({room->name, viewers});
  }
}

void Hub::every_second() {
  publisher_.sweep();
  if (announced_) counting_.tick(server_status_, metrics_.fanned_out);
  renew_some();
  positions_.tick();
  metrics_.rooms = rooms_.size();
  metrics_.unpublished = publisher_.unpublished();
  metrics_.queued_bytes = publisher_.queued_bytes();
  metrics_.heap_used_bytes = counting_.heap().used;
  metrics_.redis = link_.ready();
  metrics_.redis_refusals = refusals_.total();
  // A Redis that answers and takes no writes is as good as away.
  status_.set_redis(link_.ready() && !counting_.refused());
  HubMetrics page = metrics_;
  page.counters.add(publisher_.counters());
  status_.set_metrics(metrics_page(counting_.totals(), page));
  second_.expires_after(kSecond);
  second_.async_wait([this](const boost::system::error_code& error) {
    if (!error) every_second();
  });
}

void Hub::fast_tick() {
  for (const Behind& at : std::exchange(behind_, {})) {
    HubRoom* const room = find(at.room);
    if (room == nullptr) continue;
    Feed feed(*this, *room);
    room->feed.bring_up(at.loop, room->sync, feed);
  }
  trim_some();
  const TimePoint now = Clock::now();
  while (!retries_.empty() && retries_.front().due <= now) {
    const Retry retry = retries_.pop();
    HubRoom* const room = find(retry.room);
    if (room == nullptr || room->round != retry.round) continue;
    room::SyncActions actions;
    room->sync.retry(actions);
    run(*room, std::move(actions));
  }
  for (std::uint32_t loop = 0; loop < counts_.size(); ++loop) {
    if (counts_[loop].counts.empty()) continue;
    // Full: the next change of a room's count is told instead.
    if (ports_.to_loops[loop](std::exchange(counts_[loop], {})) == Post::kFull) ++mailbox_full();
  }
  fast_.expires_after(kFastTick);
  fast_.async_wait([this](const boost::system::error_code& error) {
    if (!error) fast_tick();
  });
}

// The room after the last one of that rotation; the order changes when rooms go, so one may come
// late by a round. REQUIRES that there is one.
HubRoom& Hub::next_turn(std::size_t& turn) const {
  if (turn >= turns_.size()) turn = 0;
  return *turns_[turn++];
}

// Rooms that went quiet keep getting older: some of them each tick.
void Hub::trim_some() {
  const WallTime now = wall_now();
  const std::size_t due = (turns_.size() + kTicksPerSecond - 1) / kTicksPerSecond;
  for (std::size_t left = std::min(due, kTrimsPerTickMax); left > 0; --left) {
    HubRoom& room = next_turn(trim_turn_);
    trim(room, now);
    if (!room.sync.rest(now)) continue;
    Feed feed(*this, room);
    room.feed.rest(room.sync, feed);
  }
}

void Hub::trim(HubRoom& room, WallTime now) {
  const std::uint64_t before = room.sync.first_seq();
  room.sync.trim(now);
  const std::uint64_t keep_from = room.sync.first_seq();
  if (keep_from == before) return;
  for (std::uint32_t loop = 0; loop < ports_.to_loops.size(); ++loop) {
    if (!room.feed.open(loop)) continue;
    // Full: the room's next batch says it again.
    if (ports_.to_loops[loop](RoomTrim{room.name, keep_from}) == Post::kFull) ++mailbox_full();
  }
}

void Hub::renew_some() {
  if (!link_.ready()) return;
  std::size_t left = (turns_.size() + kRenewAllWithinSeconds - 1) / kRenewAllWithinSeconds;
  for (; left > 0; --left) {
    const HubRoom& room = next_turn(renew_turn_);
    const auto sent = link_.commands().send(redis::Command("EXPIRE")
                                                .arg(names_.room_meta(room.name))
                                                .arg(std::chrono::seconds(kMetaTtl).count()),
                                            [](const redis::Answer&) {});
    static_cast<void>(sent);  // there are many more rounds in a day
  }
}

}  // namespace spillway::server
