#include "balancer/provision.h"

#include <unordered_set>

namespace spillway::balancer {

void RecentlySent::add(TimePoint now) {
  const std::int64_t number = number_of(now);
  Slot& slot = slots_[static_cast<std::size_t>(number) % kSlots];
  if (slot.number != number) slot = {number, 0};
  ++slot.viewers;
}

std::uint64_t RecentlySent::count(TimePoint now) const {
  const std::int64_t oldest = number_of(now) - static_cast<std::int64_t>(kSlots);
  std::uint64_t viewers = 0;
  for (const Slot& slot : slots_) {
    if (slot.number > oldest) viewers += slot.viewers;
  }
  return viewers;
}

std::uint64_t Provisioner::load(const ServerState& server, TimePoint now) const {
  const auto sent = sent_.find(server.id);
  return server.viewers + (sent == sent_.end() ? 0 : sent->second.count(now));
}

const ServerState* Provisioner::choose(const Fleet& fleet, TimePoint now) {
  const ServerState* best = nullptr;
  std::uint64_t best_load = 0;
  std::uint64_t equals = 0;
  for (const ServerState& server : fleet.servers) {
    if (!is_alive(server)) continue;
    const std::uint64_t its_load = load(server, now);
    if (best == nullptr || its_load < best_load) {
      best = &server;
      best_load = its_load;
      equals = 1;
    } else if (its_load == best_load && chance_(++equals) == 0) {
      best = &server;  // the k-th equal replaces with chance 1/k: each has the same chance
    }
  }
  if (best != nullptr) sent_[best->id].add(now);
  return best;
}

void Provisioner::forget_gone(const Fleet& fleet) {
  std::unordered_set<std::string_view> present;
  for (const ServerState& server : fleet.servers) present.insert(server.id);
  boost::unordered::erase_if(
      sent_, [&present](const auto& entry) { return present.count(entry.first) == 0; });
}

}  // namespace spillway::balancer
