#include "balancer/registry.h"

#include <algorithm>

namespace spillway::balancer {

void Watch::reading(TimePoint now) {
  if (!since_ || now - last_ > kBreak) since_ = now;
  last_ = now;
}

bool Watch::steady(TimePoint now, Duration span) const {
  return since_ && now - last_ <= kBreak && now - *since_ >= span;
}

Registry::Registry(boost::asio::io_context& io, redis::Client& client, std::string redis_prefix,
                   Log& log)
    : client_(client),
      log_(log),
      prefix_(std::move(redis_prefix)),
      names_(prefix_),
      script_(std::string(kReadFleetScript)),
      timer_(io) {}

void Registry::start(OnReading on_reading) {
  on_reading_ = std::move(on_reading);
  read();
  schedule();
}

void Registry::stop() { timer_.cancel(); }

bool Registry::usable(TimePoint now) const {
  return read_once_ && now - fleet_.read_at < kLastKnownFor;
}

void Registry::schedule() {
  timer_.expires_after(kPeriod);
  timer_.async_wait([this](const boost::system::error_code& problem) {
    if (problem) return;
    read();
    schedule();
  });
}

void Registry::read() {
  if (reading_) return;
  const auto sent = script_.eval(client_, {names_.servers_clients()},
                                 {names_.server_hash(""), std::to_string(kFleetServersMax)},
                                 [this](const redis::Answer& answer) { finish(answer); });
  reading_ = sent == redis::Client::Sent::kQueued;
}

void Registry::finish(const redis::Answer& answer) {
  reading_ = false;
  if (answer.fate != redis::Fate::kAnswered) return;
  auto fleet = parse_fleet(answer.reply.view(), Clock::now());
  if (!fleet) {
    const std::string problem(answer.reply.error_text());
    if (problem != problem_) log_.warn("fleet not readable", {{"redis", problem}});
    problem_ = problem;
    return;
  }
  problem_.clear();
  fleet_ = std::move(*fleet);
  read_once_ = true;
  watch_.reading(fleet_.read_at);
  add_announced(fleet_.read_at);
  on_reading_(fleet_);
}

void Registry::announce(const ServerState& server, TimePoint now) {
  announced_.push_back({server, now});
  add_announced(now);
}

void Registry::add_announced(TimePoint now) {
  announced_.erase(
      std::remove_if(announced_.begin(), announced_.end(),
                     [now](const Announced& one) { return now - one.at >= kSilentAfter; }),
      announced_.end());
  for (const Announced& one : announced_) {
    const bool known =
        std::any_of(fleet_.servers.begin(), fleet_.servers.end(),
                    [&one](const ServerState& server) { return server.id == one.server.id; });
    if (!known) fleet_.servers.push_back(one.server);
  }
}

}  // namespace spillway::balancer
