#include "balancer/registry.h"

#include <utility>

namespace spillway::balancer {

void Watch::reading(TimePoint now) {
  if (!since_ || now - last_ > kBreak) {
    if (since_) ++breaks_;
    since_ = now;
  }
  last_ = now;
}

void Watch::interrupted() {
  since_.reset();
  ++breaks_;
}

bool Watch::steady(TimePoint now, Duration span) const {
  return since_ && now - last_ <= kBreak && now - *since_ >= span;
}

Registry::Registry(boost::asio::io_context& io, redis::Client& client, Fleet& fleet, Lease& lease,
                   const protocol::RedisNames& names, Log& log)
    : client_(client),
      fleet_(fleet),
      lease_(lease),
      log_(log),
      names_(names),
      script_(std::string(kReadFleetScript)),
      rooms_(
          client, names, [this](std::vector<RoomReading> rooms) { sums_ = std::move(rooms); },
          [this](const std::string& id, StringMap<std::uint64_t> rooms) {
            server_rooms_.emplace_back(id, std::move(rooms));
          }),
      timer_(io) {}

void Registry::start(OnReading on_reading) {
  on_reading_ = std::move(on_reading);
  const TimePoint now = Clock::now();
  read(now);
  schedule(now + kPeriod);
}

void Registry::stop() { timer_.cancel(); }

bool Registry::usable(TimePoint now) const { return read_at_ && now - *read_at_ < kLastKnownFor; }

void Registry::schedule(TimePoint due) {
  timer_.expires_at(due);
  timer_.async_wait([this, due](const boost::system::error_code& problem) {
    if (problem) return;
    read(due);
    // After a pause of the process the missed ticks are not made up for.
    const TimePoint now = Clock::now();
    schedule(now - due < kPeriod ? due + kPeriod : now + kPeriod);
  });
}

void Registry::read(TimePoint due) {
  if (reading_) return;
  lease_.renew();
  const auto sent = script_.eval(
      client_,
      {names_.servers_clients(), names_.servers_cumulative_socket_writes(),
       names_.servers_event_loop(), names_.servers_fanout(), names_.balancer_servers()},
      {names_.server_hash(""), std::to_string(kFleetServersMax)},
      [this, due](const redis::Answer& answer) { finish(answer, due); });
  reading_ = sent == redis::Client::Sent::kQueued;
  if (reading_) rooms_.tick(fleet_);
}

void Registry::finish(const redis::Answer& answer, TimePoint due) {
  reading_ = false;
  auto server_rooms = std::exchange(server_rooms_, {});
  if (answer.fate != redis::Fate::kAnswered) return;
  const TimePoint now = Clock::now();
  const auto reading = parse_fleet(answer.reply.view(), now);
  if (!reading) {
    std::string problem(answer.reply.error_text());
    if (problem != problem_) log_.warn("fleet not readable", {{"redis", problem}});
    problem_ = std::move(problem);
    return;
  }
  problem_.clear();
  read_at_ = now;
  watch_.reading(now);
  // All of a second at once, however long the rooms took: what is shown stays the same until the
  // next tick, and each history grows by one entry.
  if (sums_) {
    fleet_.apply_rooms(std::move(*sums_));
    sums_.reset();
  } else {
    fleet_.repeat_rooms();
  }
  for (auto& [id, rooms] : server_rooms) {
    fleet_.apply_server_rooms(id, std::move(rooms));
  }
  fleet_.apply(*reading, watch_.settled(now) ? Fleet::Missing::kGone : Fleet::Missing::kKept);
  const bool on_time = now - due <= kLateAfter;
  if (!on_time) ++late_;
  on_reading_(on_time);
}

}  // namespace spillway::balancer
