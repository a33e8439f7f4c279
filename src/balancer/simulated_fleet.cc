#include "balancer/simulated_fleet.h"

#include <algorithm>
#include <cmath>

namespace spillway::balancer {
namespace {

std::int64_t ms_of(TimePoint time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

}  // namespace

SimulatedServer::SimulatedServer(std::string id, TimePoint born, std::uint64_t phase_ms,
                                 const std::vector<SimulatedRoom>& rooms, const Capacity& capacity)
    : fine_at(born),
      id_(std::move(id)),
      url_("ws://" + id_),
      rooms_(rooms),
      capacity_(capacity),
      next_heartbeat_(born + std::chrono::milliseconds(phase_ms)),
      members_(rooms.size()) {}

void SimulatedServer::join(std::size_t room, TimePoint moved_at) {
  members_[room].push_back(moved_at);
  ++viewers_;
  deliveries_per_s_ += rooms_[room].messages_per_s;
  busy_ += rooms_[room].messages_per_s * rooms_[room].busy_factor * capacity_.busy /
           capacity_.deliveries_per_s;
}

TimePoint SimulatedServer::leave(std::size_t room, Random& random) {
  std::vector<TimePoint>& members = members_[room];
  std::swap(members[random.below(members.size())], members.back());
  const TimePoint moved_at = members.back();
  members.pop_back();
  --viewers_;
  deliveries_per_s_ -= rooms_[room].messages_per_s;
  busy_ -= rooms_[room].messages_per_s * rooms_[room].busy_factor * capacity_.busy /
           capacity_.deliveries_per_s;
  return moved_at;
}

std::size_t SimulatedServer::room_by_viewers(Random& random) const {
  std::uint64_t at = random.below(viewers_);
  std::size_t room = 0;
  while (at >= members_[room].size()) at -= members_[room++].size();
  return room;
}

std::size_t SimulatedServer::room_by_cost(Random& random) const {
  double at = random.unit() * deliveries_per_s_;
  std::size_t last = 0;
  for (std::size_t room = 0; room < rooms_.size(); ++room) {
    if (members_[room].empty()) continue;
    last = room;
    at -= static_cast<double>(members_[room].size()) * rooms_[room].messages_per_s;
    if (at < 0) break;
  }
  return last;
}

void SimulatedServer::rates_changed() {
  deliveries_per_s_ = 0;
  busy_ = 0;
  for (std::size_t room = 0; room < rooms_.size(); ++room) {
    const double rate = static_cast<double>(members_[room].size()) * rooms_[room].messages_per_s;
    deliveries_per_s_ += rate;
    busy_ += rate * rooms_[room].busy_factor * capacity_.busy / capacity_.deliveries_per_s;
  }
}

double SimulatedServer::load() const { return load_of(deliveries_per_s_, busy_, capacity_); }

double SimulatedServer::load_of_one(std::size_t room) const {
  return rooms_[room].messages_per_s * std::max(1.0, rooms_[room].busy_factor) /
         capacity_.deliveries_per_s;
}

void SimulatedServer::run(TimePoint now, Duration step, Random& random) {
  const double seconds = std::chrono::duration<double>(step).count();
  const double noise = 0.9 + 0.2 * random.unit();  // people do not write to a clock
  const double wanted = busy_ * noise;
  const double done = std::min(1.0, wanted) / std::max(wanted, 1e-9);
  deliveries_ += deliveries_per_s_ * noise * done * seconds;
  busy_s_ += wanted * done * seconds;
  // A loop that has time answers at once; the lag climbs steeply where there is none left.
  lag_ms_s_ += (1 + 4 * wanted * done + 100 * std::max(0.0, wanted - 0.95)) * seconds;
  seconds_ += seconds;
  if (now >= next_heartbeat_) heartbeat(now);
}

void SimulatedServer::heartbeat(TimePoint now) {
  next_heartbeat_ += std::chrono::seconds(1);
  written_.id = id_;
  written_.url = url_;
  written_.status = draining ? "draining" : "up";
  written_.viewers = viewers_;
  written_.heartbeat_ms = ms_of(now);
  written_.deliveries = static_cast<std::uint64_t>(deliveries_);
  written_.busy = busy_s_ / seconds_;
  written_.lag_ms = lag_ms_s_ / seconds_;
  written_.ours = true;
  busy_s_ = lag_ms_s_ = seconds_ = 0;
}

ServerReading SimulatedServer::reading(TimePoint now) const {
  ServerReading reading = written_;
  reading.silence = std::chrono::milliseconds(ms_of(now) - *written_.heartbeat_ms);
  return reading;
}

StringMap<std::uint64_t> SimulatedServer::room_counts() const {
  StringMap<std::uint64_t> counts;
  for (std::size_t room = 0; room < rooms_.size(); ++room) {
    if (!members_[room].empty()) counts.emplace(rooms_[room].name, members_[room].size());
  }
  return counts;
}

}  // namespace spillway::balancer
