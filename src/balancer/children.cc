#include "balancer/children.h"

#include <fmt/core.h>

#include <memory>
#include <utility>

namespace spillway::balancer {

namespace {

Status may_fork(Orders::Outcome outcome, std::uint32_t servers_max) {
  switch (outcome) {
    case Orders::Outcome::kDone:
      return ok();
    case Orders::Outcome::kNobody:
      return Error{fmt::format("there are already --servers-max {}", servers_max)};
    case Orders::Outcome::kLost:
      return Error{"another balancer decides now"};
    case Orders::Outcome::kAway:
      return Error{"Redis is away"};
  }
  CHECK(false);
}

}  // namespace

Children::Children(Launcher& launcher, Orders& orders, Fleet& fleet, Policy& policy, Events events,
                   Log& log)
    : launcher_(launcher),
      orders_(orders),
      fleet_(fleet),
      policy_(policy),
      events_(std::move(events)),
      log_(log) {}

void Children::start(By by, Launcher::OnStarted on_started) {
  const std::uint32_t servers_max = policy_.settings().servers_max;
  if (stopping_) return on_started(Error{"the balancer is stopping"});
  if (launcher_.children() >= servers_max) {
    return on_started(Error{fmt::format("there are already --servers-max {}", servers_max)});
  }
  ++starting_;
  const auto wanted = std::make_shared<bool>(true);
  const auto before_fork = [this, by, servers_max, wanted](const std::string& id,
                                                           const Launcher::Go& go) {
    orders_.may_start(id, servers_max, by == By::kOperator,
                      [go, servers_max, wanted](auto outcome) {
                        const Status status = may_fork(outcome, servers_max);
                        *wanted = status.has_value();
                        go(status);
                      });
  };
  const auto started = [this, wanted,
                        on_started = std::move(on_started)](const Result<Launched>& launched) {
    --starting_;
    if (launched) {
      listening_since_[launched->id] = Clock::now();
      events_.on_started(*launched);
    } else {
      log_.warn("server did not start", {{"why", launched.error().message}});
    }
    on_started(launched);
    if (!launched && *wanted && !stopping_) died("", launched.error().message, Duration::zero());
    look_whether_gone();
  };
  launcher_.launch(before_fork, started,
                   [this](const std::string& id, const ChildExit& exit) { ended(id, exit); });
}

void Children::expect_end(const std::string& id) {
  if (launcher_.has(id)) ending_[id] = true;
}

void Children::ended(const std::string& id, const ChildExit& exit) {
  const auto since = listening_since_.find(id);
  const Duration lived =
      since == listening_since_.end() ? Duration::zero() : Clock::now() - since->second;
  listening_since_.erase(id);
  const bool was_told = ending_.erase(id) > 0;
  // One that ended well has left Redis itself; this is for all others, and does no harm.
  ++removing_;
  orders_.remove_ended(id, [this](Orders::Outcome) {
    --removing_;
    look_whether_gone();
  });
  if (was_told || stopping_) {
    log_.info("server ended", {{"id", id}, {"how", describe(exit)}});
  } else {
    died(id, id + ": " + describe(exit), lived);
  }
}

void Children::died(const std::string& id, const std::string& why, Duration lived) {
  young_deaths_ = lived >= policy_.settings().heal_lived ? 1 : young_deaths_ + 1;
  const Fleet::Server* const server = fleet_.find(id);
  const double load =
      server == nullptr ? 0 : server->load.load_so_far(policy_.settings().spawn_window);
  policy_.child_died(Clock::now(), lived, load);
  fleet_.forget(id);
  events_.on_died(why, young_deaths_);
}

void Children::look_whether_gone() {
  if (!stopping_ || launcher_.children() > 0 || removing_ > 0 || !on_gone_) return;
  std::exchange(on_gone_, {})();
}

void Children::stop(std::chrono::milliseconds patience, std::chrono::milliseconds last_resort,
                    std::function<void()> on_gone) {
  stopping_ = true;
  on_gone_ = std::move(on_gone);
  launcher_.stop_all(patience, last_resort);
  look_whether_gone();
}

}  // namespace spillway::balancer
