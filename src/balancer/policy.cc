#include "balancer/policy.h"

#include <algorithm>
#include <cmath>

#include "balancer/spread.h"

namespace spillway::balancer {
namespace {

bool is_counted(const ServerView& server) { return server.alive && !server.draining; }

bool has_room(const ServerView& server, const PolicySettings& settings) {
  return is_counted(server) &&
         server.spawn_load.value_or(server.expected_load) < settings.room_below;
}

}  // namespace

std::uint32_t present_servers(const FleetView& fleet) {
  const auto up = std::count_if(fleet.servers.begin(), fleet.servers.end(),
                                [](const ServerView& server) { return !server.draining; });
  return static_cast<std::uint32_t>(up) + fleet.starting;
}

std::vector<Decision> Policy::decide(const FleetView& fleet) {
  std::vector<Decision> decisions;
  heal(fleet, decisions);
  if (decisions.empty()) spawn(fleet, decisions);
  redistribute(fleet, decisions);
  shrink(fleet, decisions);
  return decisions;
}

void Policy::child_died(TimePoint now, Duration lived, double load) {
  young_deaths_ = lived >= settings_.heal_lived ? 1 : young_deaths_ + 1;
  const unsigned doublings = std::min(young_deaths_ - 1, 20U);
  heal_not_before_ =
      now + std::min(settings_.heal_delay * (1 << doublings), settings_.heal_delay_max);
  lost_load_ += load;
}

void Policy::forget() {
  spawned_for_.clear();
  told_to_leave_.clear();
  fits_since_.reset();
  lost_load_ = 0;
}

// Too few servers: all that are missing. Enough, but one that died carried viewers whom the others
// have no room for: one.
void Policy::heal(const FleetView& fleet, std::vector<Decision>& out) {
  if (fleet.now < heal_not_before_) return;
  const std::uint32_t present = present_servers(fleet);
  for (std::uint32_t count = present; count < settings_.servers_min; ++count) {
    out.push_back(HealDecision{present, 0});
  }
  const double lost = std::exchange(lost_load_, 0);
  if (!out.empty() || lost <= 0 || present >= settings_.servers_max) return;
  double load = lost;
  std::size_t counted = 0;
  for (const ServerView& server : fleet.servers) {
    if (!is_counted(server)) continue;
    load += server.expected_load;
    ++counted;
  }
  if (load < settings_.room_below * static_cast<double>(counted)) return;
  out.push_back(HealDecision{present, load});
}

bool Policy::may_spawn(const FleetView& fleet) const {
  return present_servers(fleet) < settings_.servers_max && fleet.now >= heal_not_before_;
}

// The most loaded server that is over, and was not given help within the pause.
const ServerView* Policy::who_needs_another(const FleetView& fleet) const {
  const ServerView* worst = nullptr;
  for (const ServerView& server : fleet.servers) {
    if (!is_counted(server) || server.spawn_load.value_or(0) <= settings_.spawn_above) continue;
    const auto last = spawned_for_.find(server.id);
    if (last != spawned_for_.end() && fleet.now - last->second <= settings_.spawn_pause) continue;
    if (worst == nullptr || *server.spawn_load > *worst->spawn_load) worst = &server;
  }
  return worst;
}

void Policy::spawn(const FleetView& fleet, std::vector<Decision>& out) {
  boost::unordered::erase_if(spawned_for_, [&](const auto& entry) {
    return fleet.now - entry.second > settings_.spawn_pause;
  });
  const ServerView* const server = who_needs_another(fleet);
  if (server == nullptr || !may_spawn(fleet)) return;
  const bool others_have_room =
      std::any_of(fleet.servers.begin(), fleet.servers.end(),
                  [&](const ServerView& other) { return has_room(other, settings_); });
  if (others_have_room) return;
  spawned_for_[server->id] = fleet.now;
  out.push_back(SpawnDecision{server->id, *server->spawn_load});
}

// The mean load once it shows what was ordered. A mean over a span shows those who left a while
// ago in part only: without this the orders would go on for as long after the server is relieved.
double Policy::load_to_come(const ServerView& server, TimePoint now) const {
  const double load = server.redistribute_load.value_or(0);
  const auto told = told_to_leave_.find(server.id);
  if (told == told_to_leave_.end()) return load;
  double unseen = 0;
  for (const auto& [at, share] : told->second) {
    const std::chrono::duration<double> seen = now - at - settings_.redistribute_takes;
    unseen += share * std::clamp(1 - seen / settings_.redistribute_window, 0.0, 1.0);
  }
  return load * std::max(0.0, 1 - unseen);
}

void Policy::redistribute(const FleetView& fleet, std::vector<Decision>& out) {
  boost::unordered::erase_if(told_to_leave_, [&](auto& entry) {
    const auto span = settings_.redistribute_takes + settings_.redistribute_window;
    std::erase_if(entry.second, [&](const Told& told) { return fleet.now - told.at >= span; });
    return entry.second.empty();
  });
  std::vector<Headroom> room;
  for (const ServerView& server : fleet.servers) {
    if (!has_room(server, settings_) || server.expected_load >= settings_.room_below) continue;
    if (server.lag_ms.value_or(0) > settings_.redistribute_lag_ms) continue;
    room.push_back({server.url, settings_.room_below - server.expected_load});
  }
  for (const ServerView& server : fleet.servers) {
    if (!is_counted(server) || server.viewers == 0) continue;
    const double load = server.redistribute_load.value_or(0);
    const double lag_ms = server.lag_ms.value_or(0);
    if (load_to_come(server, fleet.now) <= settings_.redistribute_above &&
        lag_ms <= settings_.redistribute_lag_ms) {
      continue;
    }
    const auto wanted = static_cast<std::uint32_t>(std::min<double>(
        std::ceil(static_cast<double>(server.viewers) * settings_.redistribute_share),
        protocol::kControlViewersMax));
    const double leaver_share = server.leaver_cost / static_cast<double>(server.viewers);
    const double leaver_load = leaver_share * std::max(load, server.expected_load);
    protocol::Redistribute order = spread_over(room, server.url, wanted, leaver_load);
    if (order.n > 0) {
      told_to_leave_[server.id].push_back({fleet.now, order.n * leaver_share});
      out.push_back(RedistributeDecision{server.id, std::move(order), leaver_load, load, lag_ms});
    }
  }
}

void Policy::shrink(const FleetView& fleet, std::vector<Decision>& out) {
  double load = 0;
  std::size_t counted = 0;
  const ServerView* emptiest = nullptr;
  bool is_steady = fleet.starting == 0 && out.empty();
  for (const ServerView& server : fleet.servers) {
    if (!is_counted(server) || !server.spawn_load) {
      is_steady = false;  // one comes, leaves or is silent: wait until it is clear who carries what
      continue;
    }
    load += std::max(*server.spawn_load, server.expected_load);
    ++counted;
    if (server.ours && (emptiest == nullptr || server.viewers < emptiest->viewers)) {
      emptiest = &server;
    }
  }
  const bool fits = is_steady && emptiest != nullptr && counted > 1 &&
                    counted > settings_.servers_min &&
                    load <= settings_.shrink_below * static_cast<double>(counted - 1);
  if (!fits || counted != fits_with_) fits_since_.reset();
  fits_with_ = counted;
  if (!fits) return;
  if (!fits_since_) fits_since_ = fleet.now;
  if (fleet.now - *fits_since_ < settings_.shrink_after) return;
  fits_since_.reset();
  out.push_back(ShrinkDecision{emptiest->id, emptiest->viewers, load});
}

}  // namespace spillway::balancer
