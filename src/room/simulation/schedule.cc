#include "room/simulation/schedule.h"

#include <algorithm>
#include <utility>

namespace spillway::room::simulation {
namespace {

constexpr milliseconds kStorm{2000};
constexpr std::chrono::seconds kOutageMax{16};
// Longer than anything that a server or a viewer waits for.
constexpr std::chrono::seconds kCalm{35};
constexpr std::chrono::seconds kLastWords{17};

}  // namespace

Schedule::Schedule(std::uint64_t seed, bool tracing)
    : time_(seed, tracing),
      weather_(time_),
      bus_(time_, {[this](const EpochState& epoch) {
                     time_.trace([&] {
                       return "redis: epoch " + epoch.epoch + " after " + epoch.prev_epoch + " " +
                              std::to_string(epoch.prev_seq);
                     });
                     ledger_.began(epoch);
                   },
                   [this](const BatchPtr& batch) { ledger_.logged(*batch); },
                   [this] { ledger_.log_deleted(); }}) {
  for (std::uint64_t i = 0; i < weather_.servers; ++i) {
    start_server("server-" + std::to_string(++ids_));
  }
  for (std::uint64_t i = 0; i < weather_.viewers; ++i) {
    const auto choose = [this]() -> Viewer::Place {
      if (servers_.empty()) return {};
      const Running& at = servers_[time_.below(servers_.size())];
      return {at.server.get(), at.life};
    };
    const auto find = [this](std::uint64_t life) -> Server* {
      for (const Running& at : servers_) {
        if (at.life == life) return at.server.get();
      }
      return nullptr;
    };
    viewers_.push_back(
        std::make_unique<Viewer>(time_, weather_, judge_, "viewer-" + std::to_string(i),
                                 Viewer::Ports{choose, find, [this] { return ++lines_; }}));
  }
}

void Schedule::run() {
  plan();
  time_.run(kStorm);
  if (bus_.away) time_.run(time_.between(milliseconds(1), kOutageMax));
  time_.trace([] { return std::string("the storm is over"); });
  bus_.refusing = false;
  bus_.away = false;
  bus_.calm = true;
  for (const auto& viewer : viewers_) viewer->hops = false;
  time_.run(kCalm);
  // Without a word nobody learns of an epoch that another server has begun.
  for (const auto& viewer : viewers_) viewer->say_something();
  time_.run(kLastWords);
  for (const auto& viewer : viewers_) viewer->judge_the_end(bus_.redis().state());
  judge_.epochs();
}

void Schedule::plan() {
  for (std::uint64_t lines = 5 + time_.below(30); lines > 0; --lines) {
    time_.in(time_.between(milliseconds(0), kStorm), [this] {
      const auto& viewer = viewers_[time_.below(viewers_.size())];
      for (std::uint64_t more = time_.one_in(8) ? 6 : 1; more > 0; --more) viewer->say_something();
    });
  }
  if (time_.one_in(20)) {
    time_.in(time_.between(milliseconds(500), kStorm), [this] { outage(); });
  }
  for (std::uint64_t faults = weather_.faults_max; faults > 0; --faults) {
    time_.in(time_.between(milliseconds(100), kStorm), [this] { fault(); });
  }
}

void Schedule::start_server(std::string id) {
  servers_.push_back({std::make_unique<Server>(time_, bus_, weather_, std::move(id)), ++lives_});
}

void Schedule::fault() {
  const std::uint64_t what = time_.below(100);
  if (what < 30) {
    if (servers_.empty()) return;
    const Running& at = servers_[time_.below(servers_.size())];
    const auto wire = static_cast<Link::Wire>(time_.below(Link::kWires));
    time_.trace([&] { return at.server->id() + ": loses connection " + std::to_string(wire); });
    at.server->link().lose(wire);
  } else if (what < 35) {
    lose_subscription();
  } else if (what < 47) {
    kill_server();
  } else if (what < 70) {
    const auto& viewer = viewers_[time_.below(viewers_.size())];
    viewer->lose_connection();
  } else if (what < 84) {
    restart_redis();
  } else if (what < 89) {
    time_.trace([] { return std::string("redis: saves"); });
    bus_.redis().save();
  } else if (what < 95) {
    evict();
  } else {
    refuse_for_a_while();
  }
}

// As server/position_check.h finds it, here soon.
void Schedule::lose_subscription() {
  if (servers_.empty()) return;
  const Running& at = servers_[time_.below(servers_.size())];
  time_.trace([&] { return at.server->id() + ": its subscription dies"; });
  at.server->link().forget_subscription();
  time_.in(time_.between(milliseconds(1), milliseconds(400)), [this, life = at.life] {
    for (const Running& one : servers_) {
      if (one.life == life) one.server->missed();
    }
  });
}

// What servers hold must be given back, or have an unknown fate, when this goes on for long.
void Schedule::outage() {
  time_.trace([] { return std::string("redis: is cut off"); });
  bus_.away = true;
  bus_.cut_off();
}

// Another process follows, sometimes under the same id.
void Schedule::kill_server() {
  if (servers_.empty()) return;
  const auto at = servers_.begin() + static_cast<std::ptrdiff_t>(time_.below(servers_.size()));
  const std::string id = time_.one_in(2) ? at->server->id() : "server-" + std::to_string(++ids_);
  time_.trace([&] { return at->server->id() + ": is killed, " + id + " follows"; });
  const std::uint64_t life = at->life;
  servers_.erase(at);
  for (const auto& viewer : viewers_) viewer->server_gone(life);
  time_.in(time_.between(milliseconds(1), milliseconds(300)), [this, id] { start_server(id); });
}

void Schedule::restart_redis() {
  using Keeps = FakeRedis::Keeps;
  const std::uint64_t what = time_.below(4);
  const Keeps keeps = what < 2 ? Keeps::kAll : what == 2 ? Keeps::kSaved : Keeps::kNothing;
  time_.trace([&] { return "redis: restarts, keeps " + std::to_string(static_cast<int>(keeps)); });
  judge_.reason_for_epoch();
  if (keeps != Keeps::kAll) judge_.data_lost();
  bus_.restart(keeps);
}

void Schedule::evict() {
  const std::uint64_t what = time_.below(3);
  time_.trace([&] { return "redis: evicts " + std::to_string(what); });
  if (what != 0) {
    judge_.reason_for_epoch();
    judge_.data_lost();
    bus_.redis().delete_meta();
  }
  if (what != 1) bus_.redis().delete_log();
}

void Schedule::refuse_for_a_while() {
  bus_.refusing = true;
  time_.in(time_.between(milliseconds(10), milliseconds(700)), [this] { bus_.refusing = false; });
}

}  // namespace spillway::room::simulation
