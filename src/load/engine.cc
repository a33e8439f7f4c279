#include "load/engine.h"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <limits>
#include <utility>

namespace spillway::load {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kPublishEvery{100};
constexpr seconds kSweepEvery{1};
constexpr milliseconds kLookAtBoard{20};      // at least so often
constexpr std::size_t kMessagesAtOnce = 256;  // before what came is read
constexpr std::size_t kAllMessages = std::numeric_limits<std::size_t>::max();

Duration thread_cpu() {
  timespec used{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

}  // namespace

Engine::Engine(const LoadOptions& options, const Board& board, const EnginePlace& place,
               std::optional<Endpoint> balancer)
    : options_(options),
      board_(board),
      place_(place),
      crowd_(board, place.engine, options.rooms, place.author, options.manners,
             options.seed + place.engine),
      swarm_(crowd_, std::move(balancer), place.engine, options.scenario.slow.bytes_per_second),
      parts_(parts_of(options, place.engine)),
      pace_(place.start),
      schedule_(options.interval, options.seed),
      bursts_(pace_changes(options.scenario.bursts)),
      on_schedule_(parts_.size()) {
  swarm_.reserve(parts_.size());
  for (std::uint32_t seat = 0; seat < parts_.size(); ++seat) {
    swarm_.add(Viewer(seat, crowd_.rooms[parts_[seat].room], parts_[seat].slow));
  }
}

void Engine::run() {
  while (phase_ != Phase::kOver) {
    follow_control();
    const TimePoint now = Clock::now();
    let_come(now);
    ring(now);
    if (phase_ < Phase::kDraining) talk(now, kMessagesAtOnce);
    act();
    keep_house(now);
    swarm_.turn(std::min(next_event(), now + kLookAtBoard));
    act();
  }
  swarm_.hang_up();
  publish();
}

void Engine::follow_control() {
  const Control& control = board_.control();
  const Phase before = std::exchange(phase_, control.phase.load(std::memory_order_acquire));
  if (phase_ == Phase::kTalking && before == Phase::kConnecting) {
    for (std::uint32_t seat = 0; seat < parts_.size(); ++seat) let_talk(seat);
  }
  crowd_.window = {control.begin(), control.end()};
  const TimePoint now = Clock::now();
  if (crowd_.window.begin <= now && !std::exchange(raids_planned_, true)) {
    plan_raids(crowd_.window.begin);
  }
  change_pace(now);
}

// Bursts begin and end at their own moments, however late we look; what the board asks for holds
// from when it is seen.
void Engine::change_pace(TimePoint now) {
  if (phase_ >= Phase::kDraining) return;  // nothing is due any more
  while (bursts_done_ < bursts_.size() && crowd_.window.begin != TimePoint::max()) {
    const PaceChange& change = bursts_[bursts_done_];
    const TimePoint at = crowd_.window.begin + change.at;
    if (at > now) break;
    talk(at, kAllMessages);  // what was due until then was due at the old pace
    burst_pace_ = change.factor;
    pace_.change(at, asked_pace_ * burst_pace_);
    ++bursts_done_;
  }
  const double asked = board_.control().pace_factor();
  if (asked == asked_pace_) return;
  talk(now, kAllMessages);
  asked_pace_ = asked;
  pace_.change(now, asked_pace_ * burst_pace_);
}

void Engine::plan_raids(TimePoint begin) {
  for (std::uint32_t seat = 0; seat < parts_.size(); ++seat) {
    for (const std::uint8_t number : parts_[seat].raids) {
      const Raid& raid = options_.scenario.raids[number];
      const TimePoint at = begin + raid.at + scaled(raid.within, crowd_.random.unit());
      alarms_.push({at, seat, Alarm::kRaid, raid.room});
    }
  }
}

TimePoint Engine::coming_at(std::size_t seat) const {
  return place_.start + options_.stagger * static_cast<std::int64_t>(parts_[seat].viewer);
}

void Engine::let_come(TimePoint now) {
  for (; came_ < parts_.size() && coming_at(came_) <= now; ++came_) {
    swarm_.viewer(static_cast<std::uint32_t>(came_)).come(crowd_);
  }
}

// What is due until `until` goes out. At most so much at once that what comes is read in between;
// the rest is late then, and says so.
void Engine::talk(TimePoint until, std::size_t messages_max) {
  for (std::size_t said = 0; said < messages_max && !schedule_.empty(); ++said) {
    const TimePoint due = pace_.when(schedule_.next_due());
    if (due > until) return;
    const std::uint32_t seat = schedule_.take() / options_.engines();
    if (crowd_.window.holds(due)) crowd_.tally->lateness.record(Clock::now() - due);
    if (due >= crowd_.window.end) continue;
    swarm_.viewer(seat).say(due, crowd_);
    swarm_.write(seat);
  }
}

void Engine::ring(TimePoint now) {
  while (!alarms_.empty() && alarms_.top().at <= now) {
    const Due due = alarms_.top();
    alarms_.pop();
    ring(due, now);
    swarm_.write(due.seat);
  }
}

void Engine::ring(const Due& due, TimePoint now) {
  Viewer& viewer = swarm_.viewer(due.seat);
  switch (due.alarm) {
    case Alarm::kRetry:
    case Alarm::kMove:
    case Alarm::kAnswers:
      return viewer.woke(due.alarm, due.which, crowd_);
    case Alarm::kRaid:
      if (phase_ < Phase::kDraining) viewer.move_to(crowd_.rooms[due.which], crowd_);
      return;
    case Alarm::kLeave:
      return let_go(due.seat, now);
    case Alarm::kReturn:
      if (phase_ < Phase::kDraining) viewer.come(crowd_);
      return;
  }
}

void Engine::let_go(std::uint32_t seat, TimePoint now) {
  if (phase_ >= Phase::kDraining) return;  // who is counted stays to the end
  const Churn& churn = options_.scenario.churn;
  // Until all are there nobody leaves, since who comes instead would be taken for one of them. An
  // exponential stay does not remember how long it has been.
  if (phase_ == Phase::kConnecting) {
    return alarms_.push({now + exponential(churn.stay), seat, Alarm::kLeave, 0});
  }
  swarm_.viewer(seat).leave(crowd_);
  alarms_.push({now + exponential(churn.away), seat, Alarm::kReturn, 0});
}

void Engine::act() {
  // What is done may make viewers want more; by index, since that may move the vector.
  for (std::size_t i = 0; i < crowd_.actions.size(); ++i) {
    const Action action = std::move(crowd_.actions[i]);
    std::visit([this, &action](const auto& what) { on(action.viewer, what); }, action.what);
  }
  crowd_.actions.clear();
}

void Engine::on(std::uint32_t seat, const Wake& wake) {
  alarms_.push({Clock::now() + wake.after, seat, wake.alarm, wake.number});
}

// From the moment it is in its room. Without `registered` that moment is not known, so there all
// wait for each other: what was said before somebody came would look lost to it.
void Engine::let_talk(std::uint32_t seat) {
  const bool known = options_.manners.resume || phase_ != Phase::kConnecting;
  const bool there = swarm_.viewer(seat).state() == Viewer::State::kWatching;
  if (!known || !there || !parts_[seat].talks || on_schedule_[seat]) return;
  on_schedule_[seat] = true;
  schedule_.add(parts_[seat].viewer, pace_.talked(Clock::now()));
}

void Engine::on(std::uint32_t seat, const Joined&) {
  let_talk(seat);
  const TimePoint now = Clock::now();
  const Churn& churn = options_.scenario.churn;
  if (churn.stay > Duration::zero()) {
    alarms_.push({now + exponential(churn.stay), seat, Alarm::kLeave, 0});
  }
}

Duration Engine::exponential(Duration mean) {
  return scaled(mean, -std::log(1 - crowd_.random.unit()));
}

TimePoint Engine::next_event() const {
  TimePoint next = std::min(next_publish_, next_sweep_);
  if (!alarms_.empty()) next = std::min(next, alarms_.top().at);
  if (came_ < parts_.size()) next = std::min(next, coming_at(came_));
  if (phase_ < Phase::kDraining && !schedule_.empty()) {
    next = std::min(next, pace_.when(schedule_.next_due()));
  }
  return next;
}

void Engine::keep_house(TimePoint now) {
  if (now >= next_sweep_) {
    swarm_.sweep(now, options_.manners.resume);
    next_sweep_ = now + kSweepEvery;
  }
  if (now < next_publish_) return;
  publish();
  next_publish_ = now + kPublishEvery;
}

// While all talk, what is on its way to a viewer is not missing yet: only holes are.
void Engine::publish() {
  const bool draining = phase_ >= Phase::kDraining;
  std::uint64_t watching = 0;
  std::uint64_t missing = 0;
  std::uint64_t unanswered = 0;
  for (std::uint32_t seat = 0; seat < swarm_.size(); ++seat) {
    const Viewer& viewer = swarm_.viewer(seat);
    watching += viewer.state() == Viewer::State::kWatching ? 1 : 0;
    if (viewer.slow()) continue;  // it misses and waits on purpose
    missing += draining ? viewer.missing(crowd_) : viewer.holes();
    unanswered += viewer.unanswered();
  }
  Tally& tally = *crowd_.tally;
  tally.watching.set(watching);
  tally.missing.set(missing);
  tally.unanswered.set(unanswered);
  tally.cpu_ns.set(static_cast<std::uint64_t>(thread_cpu().count()));
  if (draining) tally.drained.fetch_add(1, std::memory_order_release);
}

}  // namespace spillway::load
