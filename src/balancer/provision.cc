#include "balancer/provision.h"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace spillway::balancer {

void RecentlySent::add(TimePoint now, std::uint64_t viewers, double load) {
  const std::int64_t number = number_of(now);
  Slot& slot = slots_[static_cast<std::size_t>(number) % kSlots];
  if (slot.number != number) slot = {number, {}};
  slot.sent.viewers += viewers;
  slot.sent.load += load;
}

RecentlySent::Sum RecentlySent::sum(TimePoint now) const {
  const std::int64_t oldest = number_of(now) - static_cast<std::int64_t>(kSlots);
  Sum sum;
  for (const Slot& slot : slots_) {
    if (slot.number <= oldest) continue;
    sum.viewers += slot.sent.viewers;
    sum.load += slot.sent.load;
  }
  return sum;
}

void Provisioner::refresh(const Fleet& fleet, TimePoint now) {
  fleet_ = &fleet;
  double load = 0;
  double deliveries = 0;
  std::uint64_t viewers = 0;
  std::vector<std::pair<std::string, Candidate>> candidates;
  candidates.reserve(fleet.servers().size());
  for (const auto& server : fleet.servers()) {
    const auto known = std::find_if(candidates_.begin(), candidates_.end(), [&](const auto& entry) {
      return entry.first == server->now.id;
    });
    auto& [id, candidate] = candidates.emplace_back(
        server->now.id, known == candidates_.end() ? Candidate{} : std::move(known->second));
    candidate.server = server->alive ? server.get() : nullptr;
    candidate.load = server->load.load_so_far(settings_.window);
    boost::unordered::erase_if(candidate.rooms, [now](const auto& entry) {
      return now - entry.second > std::chrono::seconds(15);  // by then the registry has it
    });
    load += candidate.load;
    deliveries += server->load.deliveries_per_s_so_far(settings_.window);
    viewers += server->now.viewers;
  }
  candidates_ = std::move(candidates);
  // Where small rooms keep the loops busy, a delivery costs more than its share of the capacity.
  load_per_delivery_ = 1.0 / fleet.capacity().deliveries_per_s;
  if (deliveries > 0) load_per_delivery_ = std::max(load_per_delivery_, load / deliveries);
  deliveries_per_viewer_ = viewers > 0 ? deliveries / static_cast<double>(viewers) : 0;
}

// A viewer of a room costs a delivery for each of its messages.
double Provisioner::cost_of_one(std::string_view room) const {
  const auto known = fleet_->rooms().find(room);
  const double deliveries =
      known == fleet_->rooms().end() ? deliveries_per_viewer_ : known->second->messages_per_s;
  return deliveries * load_per_delivery_;
}

bool Provisioner::has(const Candidate& candidate, std::string_view room) const {
  return candidate.server->rooms.contains(room) || candidate.rooms.contains(room);
}

std::optional<Provisioner::Choice> Provisioner::choose(std::string_view room, TimePoint now) {
  using Rank = std::tuple<std::int64_t, std::uint64_t>;
  Candidate* best = nullptr;
  Rank best_rank{};
  std::uint64_t equals = 0;
  for (auto& [id, candidate] : candidates_) {
    if (candidate.server == nullptr) continue;
    const RecentlySent::Sum sent = candidate.sent.sum(now);
    double load = candidate.load + sent.load;
    if (!room.empty() && load < settings_.room_below && has(candidate, room)) {
      load -= settings_.room_preference;
    }
    const Rank rank{std::llround(load / kSameLoad), candidate.server->now.viewers + sent.viewers};
    if (best == nullptr || rank < best_rank) {
      best = &candidate;
      best_rank = rank;
      equals = 1;
    } else if (rank == best_rank && chance_(++equals) == 0) {
      best = &candidate;  // the k-th equal replaces with chance 1/k: each has the same chance
    }
  }
  if (best == nullptr) return std::nullopt;
  best->sent.add(now, 1, cost_of_one(room));
  if (!room.empty() && best->rooms.size() < kRoomsSentMax) {
    const auto known = best->rooms.find(room);
    if (known == best->rooms.end()) {
      best->rooms.emplace(std::string(room), now);
    } else {
      known->second = now;
    }
  }
  return Choice{best->server->now.id, best->server->now.url};
}

void Provisioner::told(std::string_view url, std::uint64_t viewers, double load, TimePoint now) {
  for (auto& [id, candidate] : candidates_) {
    if (candidate.server == nullptr || candidate.server->now.url != url) continue;
    candidate.sent.add(now, viewers, load);
    return;
  }
}

double Provisioner::expected_load(std::string_view id, TimePoint now) const {
  for (const auto& [candidate_id, candidate] : candidates_) {
    if (candidate_id != id || candidate.server == nullptr) continue;
    return candidate.load + candidate.sent.sum(now).load;
  }
  return 0;
}

}  // namespace spillway::balancer
