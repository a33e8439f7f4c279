// One balancer: the composition root of Redis, the fleet's state, the policy, the children and the
// HTTP interface. Once a second it reads, decides and acts.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "balancer/children.h"
#include "balancer/decision_log.h"
#include "balancer/fleet.h"
#include "balancer/http_server.h"
#include "balancer/launcher.h"
#include "balancer/lease.h"
#include "balancer/options.h"
#include "balancer/orders.h"
#include "balancer/policy.h"
#include "balancer/provision.h"
#include "balancer/registry.h"
#include "balancer/routes.h"
#include "balancer/stats_feed.h"
#include "base/log.h"
#include "base/random.h"
#include "redis/client.h"
#include "redis/subscriber.h"
#include "redis/url.h"

namespace spillway::balancer {

// Owned by a command, on the one thread of `io`; it may be destroyed once that has stopped running.
class Balancer {
 public:
  // `events`: what `up` tells its user of the children.
  Balancer(boost::asio::io_context& io, const BalancerOptions& options, const redis::Url& url,
           Children::Events events, Log& log);
  Balancer(const Balancer&) = delete;
  Balancer& operator=(const Balancer&) = delete;

  // Called once: it listens and knows the fleet, or why it cannot, as a sentence with the flag.
  using OnReady = std::function<void(const Status&)>;
  void start(OnReady on_ready);

  // Decides nothing any more, while it still answers, so that another balancer does: `on_resigned`
  // comes once Redis knows, or cannot be told.
  void resign(const std::function<void()>& on_resigned);
  // Resigns; its children drain, and `on_gone` comes when the last has ended. A second call
  // shortens their drain.
  void stop_children(std::chrono::milliseconds patience, std::chrono::milliseconds last_resort,
                     std::function<void()> on_gone);
  // No new connections. Children are left alone.
  void stop();

  // http://127.0.0.1:3000. REQUIRES that it listens.
  std::string url() const;
  // Alive at the last reading, whoever started them.
  std::uint32_t servers() const;
  // Whether it had to take another port than it was told.
  bool moved() const { return options_.port != 0 && port_ != options_.port; }

 private:
  void connected();
  void lost(const Error& error);
  void heard(std::string_view channel, std::string_view payload);
  void ready(const Status& status);
  void fleet_changed();

  // Once a second.
  void tick(bool on_time);
  bool may_decide(bool on_time, TimePoint now);
  void remove_dead(TimePoint now);
  void remind_of_children();
  FleetView view(TimePoint now) const;
  void act(const Decision& decision);
  void redistribute(const RedistributeDecision& move);
  void note(std::string_view what, std::string why,
            std::vector<std::pair<std::string, double>> numbers = {});

  // What the HTTP interface asks for.
  RouteSources sources();
  RouteSources::Health health() const;
  void create(const RouteSources::OnCreated& on_created);
  void drain_any(const RouteSources::OnDrainedAny& on_drained);
  void drain(const std::string& id, const RouteSources::OnDrained& on_drained);
  std::shared_ptr<const std::string> redis_stats();
  std::string metrics() const;

  const BalancerOptions options_;
  Log& log_;
  const protocol::RedisNames names_;
  redis::Client client_;
  redis::Subscriber subscriber_;
  Fleet fleet_;
  Lease lease_;
  Registry registry_;
  Orders orders_;
  Policy policy_;
  Random random_;
  Provisioner provisioner_;
  Launcher launcher_;
  Children children_;
  DecisionLog decisions_;
  StatsFeed feed_;
  HttpServer http_;
  std::uint16_t port_ = 0;
  bool registry_started_ = false;
  bool read_once_ = false;
  bool stopping_ = false;  // no decisions any more
  bool deciding_ = false;  // held the lease at the last tick
  std::uint64_t provisions_ = 0;
  std::shared_ptr<const std::string> stats_;  // as all is now; nullptr: nobody asked yet
  OnReady on_ready_;                          // empty once it was called
};

}  // namespace spillway::balancer
