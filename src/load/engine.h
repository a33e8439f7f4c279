// One thread's share of a run: its viewers, when they come, talk, move and leave.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <queue>
#include <vector>

#include "base/clock.h"
#include "load/board.h"
#include "load/cast.h"
#include "load/crowd.h"
#include "load/options.h"
#include "load/pace.h"
#include "load/swarm.h"
#include "load/talk_schedule.h"

namespace spillway::load {

// Where an engine stands among the others.
struct EnginePlace {
  std::uint32_t engine = 0;  // its number on the board
  Author author;
  TimePoint start;  // the first viewer of the run comes
};

// Made and run by one thread, and talks to the others over the board alone.
class Engine {
 public:
  // `options` and `board` outlive it. `balancer`: of none if all viewers go to one server.
  Engine(const LoadOptions& options, const Board& board, const EnginePlace& place,
         std::optional<Endpoint> balancer);

  // Until the board says that it is over.
  void run();

 private:
  struct Due {  // an alarm
    TimePoint at;
    std::uint32_t seat;
    Alarm alarm;
    std::uint32_t which;  // the room of a raid, the number of an alarm of the viewer's own
    bool operator>(const Due& other) const { return at > other.at; }
  };

  void follow_control();
  void change_pace(TimePoint now);
  void plan_raids(TimePoint begin);
  void let_come(TimePoint now);
  void let_talk(std::uint32_t seat);
  void talk(TimePoint until, std::size_t messages_max);
  void ring(TimePoint now);
  void ring(const Due& due, TimePoint now);
  void let_go(std::uint32_t seat, TimePoint now);
  void act();
  void on(std::uint32_t seat, const Wake& wake);
  void on(std::uint32_t seat, const Joined&);
  template <typename ForTheSwarm>
  void on(std::uint32_t seat, const ForTheSwarm& what) {
    swarm_.act(seat, what);
  }
  void keep_house(TimePoint now);
  void publish();
  TimePoint coming_at(std::size_t seat) const;
  TimePoint next_event() const;
  Duration exponential(Duration mean);

  const LoadOptions& options_;
  const Board& board_;
  const EnginePlace place_;
  Crowd crowd_;
  Swarm swarm_;
  std::vector<Part> parts_;  // of the viewers, by their seat

  Phase phase_ = Phase::kConnecting;
  Pace pace_;
  TalkSchedule schedule_;
  const std::vector<PaceChange> bursts_;
  std::size_t bursts_done_ = 0;  // of them
  double burst_pace_ = 1;
  double asked_pace_ = 1;  // by the board
  bool raids_planned_ = false;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> alarms_;
  std::size_t came_ = 0;           // seats whose viewer has come for the first time
  std::vector<bool> on_schedule_;  // seats that talk already
  TimePoint next_publish_{};
  TimePoint next_sweep_{};
};

}  // namespace spillway::load
