// What the HTTP interface asks the Balancer for.
#include <fmt/core.h>

#include "balancer/balancer.h"
#include "balancer/metrics_page.h"
#include "balancer/stats_json.h"

namespace spillway::balancer {

RouteSources Balancer::sources() {
  RouteSources sources;
  sources.health = [this] { return health(); };
  sources.provision = [this](std::string_view room) -> std::optional<RouteSources::Given> {
    const auto choice = provisioner_.choose(room, Clock::now());
    if (!choice) return std::nullopt;
    ++provisions_;
    return RouteSources::Given{choice->id, choice->url};
  };
  sources.create = [this](const RouteSources::OnCreated& on_created) { create(on_created); };
  sources.drain_any = [this](const RouteSources::OnDrainedAny& done) { drain_any(done); };
  sources.drain = [this](const std::string& id, const RouteSources::OnDrained& done) {
    drain(id, done);
  };
  sources.redis_stats = [this] { return redis_stats(); };
  sources.metrics = [this] { return metrics(); };
  sources.listen = [this](EventStream listener, std::size_t rooms) {
    feed_.add(std::move(listener), rooms);
  };
  return sources;
}

RouteSources::Health Balancer::health() const {
  if (!read_once_) return RouteSources::Health::kStarting;
  if (!registry_.usable(Clock::now())) return RouteSources::Health::kLost;
  return client_.connected() ? RouteSources::Health::kOk : RouteSources::Health::kDegraded;
}

void Balancer::create(const RouteSources::OnCreated& on_created) {
  note("create", "a person asked for one more server");
  children_.start(Children::By::kOperator, on_created);
}

void Balancer::drain_any(const RouteSources::OnDrainedAny& on_drained) {
  std::vector<std::string> ids;
  for (const auto& server : fleet_.servers()) {
    if (server->alive) ids.push_back(server->now.id);
  }
  if (ids.empty()) return on_drained(std::string());
  const std::string id = ids[random_.below(ids.size())];
  drain(id, [id, on_drained](RouteSources::Drain outcome) {
    if (outcome == RouteSources::Drain::kOrdered) return on_drained(id);
    on_drained(Error{outcome == RouteSources::Drain::kAway
                         ? "Redis is away; try again later"
                         : fmt::format("{} ended just now; try again", id)});
  });
}

void Balancer::drain(const std::string& id, const RouteSources::OnDrained& on_drained) {
  using Drain = RouteSources::Drain;
  if (fleet_.find(id) == nullptr) return on_drained(Drain::kUnknown);
  orders_.send_for_operator(id, protocol::DrainOrder{}, [this, id, on_drained](auto outcome) {
    if (outcome == Orders::Outcome::kAway) return on_drained(Drain::kAway);
    if (outcome != Orders::Outcome::kDone) return on_drained(Drain::kUnknown);
    note("drain", fmt::format("a person ordered {} to drain", id));
    fleet_.told_to_drain(id, Clock::now());
    fleet_changed();
    children_.expect_end(id);
    on_drained(Drain::kOrdered);
  });
}

std::shared_ptr<const std::string> Balancer::redis_stats() {
  if (!read_once_) return nullptr;
  if (!stats_) {
    stats_ =
        std::make_shared<const std::string>(redis_stats_json(fleet_, decisions_, Fleet::kRoomsMax));
  }
  return stats_;
}

std::string Balancer::metrics() const {
  BalancerMetrics metrics;
  for (const auto& server : fleet_.servers()) {
    ++(server->alive ? metrics.servers_up : metrics.servers_other);
    metrics.viewers += server->now.viewers;
  }
  metrics.rooms = fleet_.rooms().size();
  metrics.children = children_.running();
  metrics.deciding = deciding_;
  metrics.redis_connected = client_.connected();
  metrics.provisions = provisions_;
  metrics.decisions = decisions_.added();
  metrics.late_readings = registry_.late_readings();
  metrics.http = http_.counts();
  return metrics_page(metrics);
}

}  // namespace spillway::balancer
