#include "balancer/supervisor.h"

#include <boost/asio/post.hpp>

namespace spillway::balancer {

struct Supervisor::Place {
  explicit Place(boost::asio::io_context& io) : delay(io) {}

  Healing healing;
  boost::asio::steady_timer delay;
  TimePoint listening_since{};
};

Supervisor::Supervisor(boost::asio::io_context& io, Launcher& launcher, std::size_t servers,
                       Events events)
    : io_(io), launcher_(launcher), events_(std::move(events)) {
  for (std::size_t i = 0; i < servers; ++i) places_.push_back(std::make_unique<Place>(io));
}

Supervisor::~Supervisor() = default;

void Supervisor::start() {
  for (const auto& place : places_) launch(*place);
}

void Supervisor::launch(Place& place) {
  const auto on_started = [this, &place](const Result<Launched>& launched) {
    if (!launched) return ended(place, Duration::zero(), launched.error().message);
    place.listening_since = Clock::now();
    events_.on_started(*launched);
  };
  const auto on_exit = [this, &place](const std::string& id, const ChildExit& exit) {
    ended(place, Clock::now() - place.listening_since, id + ": " + describe(exit));
  };
  launcher_.launch(on_started, on_exit);
}

void Supervisor::ended(Place& place, Duration lived, const std::string& why) {
  if (stopping_) {
    if (launcher_.children() == 0 && on_gone_) std::exchange(on_gone_, {})();
    return;
  }
  const auto delay = place.healing.after_exit(lived);
  if (!delay) return events_.on_given_up(why);
  events_.on_restarting(why);
  place.delay.expires_after(*delay);
  place.delay.async_wait([this, &place](const boost::system::error_code& cancelled) {
    if (!cancelled && !stopping_) launch(place);
  });
}

void Supervisor::stop(std::chrono::milliseconds patience, std::chrono::milliseconds last_resort,
                      std::function<void()> on_gone) {
  stopping_ = true;
  for (const auto& place : places_) place->delay.cancel();
  if (launcher_.children() == 0) {
    boost::asio::post(io_, std::move(on_gone));
    return;
  }
  on_gone_ = std::move(on_gone);
  launcher_.stop_all(patience, last_resort);
}

}  // namespace spillway::balancer
