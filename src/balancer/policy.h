// When to spawn, redistribute, shrink and heal: a function of the fleet's state and the time, with
// no more memory than what it ordered. No I/O, no clock.
//
// Every threshold is a setting. A rule that looks back over a span decides nothing about a server
// that has not been heard for all of it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/string_map.h"
#include "protocol/control.h"

namespace spillway::balancer {

struct PolicySettings {
  std::uint32_t servers_min = 1;
  std::uint32_t servers_max = 0;  // 0: never; the command line puts a number here
  double room_below = 0.8;        // a server has room while its load is less

  double spawn_above = 1.0;
  std::chrono::microseconds spawn_window = std::chrono::seconds(3);
  std::chrono::microseconds spawn_pause = std::chrono::seconds(15);  // on one server's account

  double redistribute_above = 1.15;
  std::chrono::microseconds redistribute_window = std::chrono::seconds(5);
  double redistribute_lag_ms = 15;
  std::chrono::microseconds redistribute_lag_window = std::chrono::seconds(4);
  double redistribute_share = 0.04;  // of its viewers, each second
  // From the order until most of those told have left: within this their load is still there.
  std::chrono::microseconds redistribute_takes = std::chrono::milliseconds(1500);

  double shrink_below = 0.5;  // a server, if there were one fewer
  std::chrono::microseconds shrink_after = std::chrono::minutes(5);

  std::chrono::microseconds heal_delay = std::chrono::milliseconds(250);  // doubled each time
  std::chrono::microseconds heal_delay_max = std::chrono::seconds(30);
  std::chrono::microseconds heal_lived = std::chrono::seconds(5);  // then the delay begins anew
};

// One server as the rules see it.
struct ServerView {
  std::string id;
  std::string url;
  bool alive = false;     // viewers may be sent there
  bool draining = false;  // it leaves; neither counted nor judged
  bool ours = false;      // started by a balancer of this fleet
  std::uint64_t viewers = 0;
  std::optional<double> spawn_load;         // over spawn_window
  std::optional<double> redistribute_load;  // over redistribute_window
  std::optional<double> lag_ms;             // over redistribute_lag_window
  double leaver_cost = 1;                   // of a viewer that it hands off, by its mean viewer
  double expected_load = 0;                 // as far as known, with the viewers just sent there
};

struct FleetView {
  TimePoint now{};
  std::vector<ServerView> servers;
  std::uint32_t starting = 0;  // on their way
};

// How many viewers of `server` leave, and where to.
struct RedistributeDecision {
  std::string server;
  protocol::Redistribute order;
  double leaver_load = 0;  // that each of them brings along
  double load = 0;
  double lag_ms = 0;
};
struct SpawnDecision {
  std::string server;  // on whose account
  double load = 0;
};
struct HealDecision {
  std::uint32_t present = 0;  // servers up or on their way
  double load = 0;  // of the fleet, if it is for its viewers; 0: there are too few servers
};
struct ShrinkDecision {
  std::string server;
  std::uint64_t viewers = 0;
  double load = 0;  // of the whole fleet
};
using Decision = std::variant<SpawnDecision, RedistributeDecision, ShrinkDecision, HealDecision>;

// Owned by the Balancer, on its loop. Bounded by the servers of the fleet.
class Policy {
 public:
  explicit Policy(PolicySettings settings) : settings_(settings) {}

  // Once a second, with a fleet that was read just now.
  std::vector<Decision> decide(const FleetView& fleet);

  // A child ended that nobody had told to, `lived` after it listened (0: it never did), with that
  // load: whether it is replaced, and when, is decided at the next tick.
  void child_died(TimePoint now, Duration lived, double load);

  // Another balancer decided meanwhile: what was ordered and what was waited for is void.
  void forget();

  const PolicySettings& settings() const { return settings_; }

 private:
  void heal(const FleetView& fleet, std::vector<Decision>& out);
  void spawn(const FleetView& fleet, std::vector<Decision>& out);
  void redistribute(const FleetView& fleet, std::vector<Decision>& out);
  void shrink(const FleetView& fleet, std::vector<Decision>& out);
  double load_to_come(const ServerView& server, TimePoint now) const;
  const ServerView* who_needs_another(const FleetView& fleet) const;
  bool may_spawn(const FleetView& fleet) const;

  const PolicySettings settings_;
  StringMap<TimePoint> spawned_for_;  // by the server on whose account
  struct Told {
    TimePoint at;
    double share = 0;  // of the server's load
  };
  StringMap<std::vector<Told>> told_to_leave_;  // by server; until its load shows all of it
  std::optional<TimePoint> fits_since_;
  std::size_t fits_with_ = 0;  // servers, since then
  unsigned young_deaths_ = 0;  // in a row
  TimePoint heal_not_before_{};
  double lost_load_ = 0;  // of children that died and were not replaced yet
};

// Servers up or on their way: what the bounds are about.
std::uint32_t present_servers(const FleetView& fleet);

// For the list of decisions and the log: "spawn", a sentence, and the numbers it came from.
struct Description {
  std::string_view what;
  std::string why;
  std::vector<std::pair<std::string_view, double>> numbers;
};
Description describe(const Decision& decision, const PolicySettings& settings);

}  // namespace spillway::balancer
