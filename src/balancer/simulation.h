// For tests: a fleet of twenty servers with the balancer's own state and rules, and a virtual
// clock.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "balancer/policy.h"
#include "balancer/provision.h"
#include "balancer/simulated_fleet.h"
#include "balancer/stats_json.h"
#include "base/overloaded.h"

namespace spillway::balancer {
// What the moves were good for.
struct SimulationCounts {
  std::uint64_t moved = 0;
  std::uint64_t moved_again = 0;        // within a minute
  std::uint64_t moved_for_nothing = 0;  // off a server that was not full any more
  std::uint64_t pushed_over = 0;        // onto a server that only moves have made full
  std::uint64_t spawns = 0;
  std::uint64_t shrinks = 0;
  Duration over_longest{};  // above redistribute_above while others had room
  double load_max = 0;
};

// Time goes by in steps; once a second the balancer's tick does what balancer.cc does.
class Simulation {
 public:
  explicit Simulation(std::uint64_t seed) : random_(seed) {
    for (std::size_t i = 0; i < kRooms; ++i) {
      SimulatedRoom& room = rooms_.emplace_back();
      room.name = "room-" + std::to_string(i);
      room.messages_per_s = 0.5 + 40 * random_.unit() * random_.unit();
      room.popularity = 1.0 / static_cast<double>(i + 1);
      room.busy_factor = i < 10 ? 0.8 : 0.8 + 0.6 * random_.unit();
      popularity_ += room.popularity;
    }
    for (int i = 0; i < 20; ++i) start_server();
    for (int i = 0; i < 5; ++i, now_ += kStep) {
      for (const auto& server : servers_) server->run(now_, kStep, random_);
    }
    run(seconds(6));
  }

  // Viewers that ask the balancer, and viewers that go, each second.
  double arrivals_per_s = 0;
  double leaving_share = 0;

  void run(Duration time) {
    for (const TimePoint end = now_ + time; now_ < end; now_ += kStep) step();
  }

  // A viewer that asks the balancer, half of them with their room.
  void arrive(std::size_t room) {
    const bool tells = random_.below(2) == 0;
    const auto choice = provisioner_.choose(tells ? rooms_[room].name : "", now_);
    ASSERT_TRUE(choice);
    join_later(std::string(choice->url), room, milliseconds(300 + random_.below(1200)), {}, false);
  }
  std::size_t popular_room() {
    double at = random_.unit() * popularity_;
    std::size_t room = 0;
    while (room + 1 < kRooms && (at -= rooms_[room].popularity) >= 0) ++room;
    return room;
  }

  SimulatedServer& server(std::size_t index) { return *servers_[index]; }
  std::size_t servers() const { return servers_.size(); }
  void join(SimulatedServer& server, std::size_t room) { server.join(room, {}); }
  void set_rate(std::size_t room, double messages_per_s) {
    rooms_[room].messages_per_s = messages_per_s;
    for (const auto& server : servers_) server->rates_changed();
  }
  const SimulatedRoom& room(std::size_t index) const { return rooms_[index]; }
  double mean_load() const {
    double sum = 0;
    for (const auto& server : servers_) sum += server->load();
    return sum / static_cast<double>(servers_.size());
  }
  SimulationCounts take_counts() { return std::exchange(counts_, {}); }

 private:
  using milliseconds = std::chrono::milliseconds;
  using seconds = std::chrono::seconds;
  static constexpr milliseconds kStep{200};
  static constexpr double kStepSeconds = 0.2;
  static constexpr std::size_t kRooms = 60;

  static PolicySettings policy_settings() {
    PolicySettings settings;
    settings.servers_min = 5;
    settings.servers_max = 40;
    return settings;
  }

  SimulatedServer* find(const std::string& url) {
    for (const auto& server : servers_) {
      if (server->url() == url) return server.get();
    }
    return nullptr;
  }

  void later(Duration delay, std::function<void()> what) {
    events_.emplace(now_ + delay, std::move(what));
  }

  SimulatedServer& start_server() {
    const std::string id = "server-" + std::to_string(servers_ever_++);
    servers_.push_back(std::make_unique<SimulatedServer>(id, now_, random_.below(1000), rooms_,
                                                         fleet_.capacity()));
    return *servers_.back();
  }

  // Viewers of a server that is gone meanwhile ask again.
  void join_later(std::string url, std::size_t room, Duration delay, TimePoint moved_at,
                  bool is_move) {
    later(delay, [this, url = std::move(url), room, moved_at, is_move] {
      SimulatedServer* const server = find(url);
      if (server == nullptr || server->draining) return arrive(room);
      server->join(room, moved_at);
      if (is_move) moved_to(*server, room);
    });
  }

  void moved_to(SimulatedServer& server, std::size_t room) {
    auto& moved_in = server.moved_in;
    moved_in.emplace_back(now_, server.load_of_one(room));
    while (now_ - moved_in.front().first > seconds(10)) moved_in.pop_front();
    double brought = 0;
    for (const auto& [when, load] : moved_in) brought += load;
    if (server.load() > 1 && server.load() - brought <= 1) ++counts_.pushed_over;
  }

  void step() {
    while (!events_.empty() && events_.begin()->first <= now_) {
      const auto event = events_.extract(events_.begin());
      event.mapped()();
    }
    come_and_go();
    for (SimulatedRoom& room : rooms_) room.messages_sent += room.messages_per_s * kStepSeconds;
    for (const auto& server : servers_) server->run(now_, kStep, random_);
    watch();
    if (now_.time_since_epoch() % seconds(1) == Duration{0}) tick();
  }

  void come_and_go() {
    for (arriving_ += arrivals_per_s * kStepSeconds; arriving_ >= 1; --arriving_)
      arrive(popular_room());
    for (const auto& server : servers_) {
      const double leaving = static_cast<double>(server->viewers()) * leaving_share * kStepSeconds;
      for (double left = leaving + random_.unit(); left >= 1 && server->viewers() > 0; --left) {
        server->leave(server->room_by_viewers(random_), random_);
      }
    }
  }

  void watch() {
    const auto has_room = [](const auto& server) {
      return server->load() < 0.8 && !server->draining;
    };
    const bool others_have_room = std::any_of(servers_.begin(), servers_.end(), has_room);
    for (const auto& server : servers_) {
      counts_.load_max = std::max(counts_.load_max, server->load());
      if (!others_have_room || server->load() <= policy_settings_.redistribute_above) {
        server->fine_at = now_;
      }
      counts_.over_longest = std::max(counts_.over_longest, now_ - server->fine_at);
    }
  }

  // What follows is balancer.cc, with orders that are carried out here.

  void tick() {
    FleetReading reading;
    reading.read_at = now_;
    reading.redis_ms = now_.time_since_epoch() / milliseconds(1);
    for (const auto& server : servers_) {
      if (server->has_heartbeat()) reading.servers.push_back(server->reading(now_));
    }
    fleet_.apply(reading);
    read_rooms();
    provisioner_.refresh(fleet_, now_);
    for (const Decision& decision : policy_.decide(view())) act(decision);
  }

  void read_rooms() {
    std::vector<RoomReading> readings;
    for (std::size_t i = 0; i < kRooms; ++i) {
      RoomReading& reading = readings.emplace_back();
      reading.name = rooms_[i].name;
      reading.messages = static_cast<std::uint64_t>(rooms_[i].messages_sent);
      for (const auto& server : servers_) reading.viewers += server->viewers(i);
    }
    fleet_.apply_rooms(std::move(readings));
    for (std::size_t i = 0; i < servers_.size() / 8 + 1; ++i) {
      const SimulatedServer& server = *servers_[++rotation_ % servers_.size()];
      fleet_.apply_server_rooms(server.id(), server.room_counts());
    }
  }

  FleetView view() const {
    FleetView view;
    view.now = now_;
    view.starting = starting_;
    for (const auto& server : fleet_.servers()) {
      ServerView& seen = view.servers.emplace_back();
      seen.id = server->now.id;
      seen.url = server->now.url;
      seen.alive = server->alive;
      seen.draining = shown_status(*server) == "draining";
      seen.ours = server->now.ours;
      seen.viewers = server->now.viewers;
      seen.spawn_load = server->load.load(policy_settings_.spawn_window);
      seen.redistribute_load = server->load.load(policy_settings_.redistribute_window);
      seen.lag_ms = server->load.lag_ms(policy_settings_.redistribute_lag_window);
      seen.leaver_cost = server->leaver_cost;
      seen.expected_load = provisioner_.expected_load(server->now.id, now_);
    }
    return view;
  }

  void act(const Decision& decision) {
    std::visit(overloaded{[this](const SpawnDecision&) { spawn(); },
                          [](const HealDecision&) { ADD_FAILURE() << "nobody died"; },
                          [this](const RedistributeDecision& move) { redistribute(move); },
                          [this](const ShrinkDecision& shrink) { drain(shrink.server); }},
               decision);
  }

  void spawn() {
    ++counts_.spawns;
    ++starting_;
    later(milliseconds(1000 + random_.below(1000)), [this] {
      --starting_;
      const SimulatedServer& server = start_server();
      fleet_.announce(server.id(), server.url(), now_);
      provisioner_.refresh(fleet_, now_);
    });
  }

  void redistribute(const RedistributeDecision& move) {
    const std::string& from_url = fleet_.find(move.server)->now.url;
    for (const auto& target : move.order.targets) {
      provisioner_.told(target.url, target.n, target.n * move.leaver_load, now_);
      for (std::uint32_t i = 0; i < target.n; ++i) {
        later(milliseconds(1000 + random_.below(900)),
              [this, from_url, to = target.url] { hand_off(from_url, to); });
      }
    }
  }

  void hand_off(const std::string& from_url, const std::string& to) {
    SimulatedServer* const from = find(from_url);
    if (from == nullptr || from->viewers() == 0) return;
    const std::size_t room = from->room_by_cost(random_);
    ++counts_.moved;
    if (from->load() <= 1) ++counts_.moved_for_nothing;
    const TimePoint moved_at = from->leave(room, random_);
    if (moved_at != TimePoint{} && now_ - moved_at < seconds(60)) ++counts_.moved_again;
    join_later(to, room, milliseconds(100), now_, true);
  }

  void drain(const std::string& id) {
    ++counts_.shrinks;
    fleet_.told_to_drain(id, now_);
    provisioner_.refresh(fleet_, now_);
    SimulatedServer* const server = find("ws://" + id);
    server->draining = true;
    for (std::size_t i = 0; i < server->viewers(); ++i) {
      later(milliseconds(500 + random_.below(10'000)), [this, server] {
        if (server->viewers() == 0) return;
        const std::size_t room = server->room_by_viewers(random_);
        server->leave(room, random_);
        arrive(room);
      });
    }
    later(seconds(20), [this, server] {
      servers_.erase(std::find_if(servers_.begin(), servers_.end(),
                                  [server](const auto& one) { return one.get() == server; }));
    });
  }

  Random random_;
  TimePoint now_{std::chrono::hours(1)};
  const PolicySettings policy_settings_ = policy_settings();
  std::vector<SimulatedRoom> rooms_;
  double popularity_ = 0;
  std::vector<std::unique_ptr<SimulatedServer>> servers_;
  int servers_ever_ = 0;
  std::multimap<TimePoint, std::function<void()>> events_;
  double arriving_ = 0;
  std::uint32_t starting_ = 0;
  std::size_t rotation_ = 0;
  SimulationCounts counts_;

  Fleet fleet_{Capacity{.deliveries_per_s = 10'000}, Silence{}};
  Provisioner provisioner_{ProvisionSettings{},
                           [this](std::uint64_t bound) { return random_.below(bound); }};
  Policy policy_{policy_settings_};
};

}  // namespace spillway::balancer
