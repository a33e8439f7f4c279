// The memory that all engines of a run share, over threads and processes: what they are told, what
// they count, and how far each room has come.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "base/clock.h"
#include "base/result.h"
#include "load/tally.h"

namespace spillway::load {

enum class Phase : std::uint8_t {
  kConnecting,
  kTalking,   // all are there; the window is known
  kDraining,  // nothing new is said, what is on its way is read
  kOver,      // say goodbye
};

// Written by the coordinator alone.
struct Control {
  std::atomic<Phase> phase;
  std::atomic<Duration::rep> window_begin;  // since the clock's epoch; 0: not known yet
  std::atomic<Duration::rep> window_end;    // 0: open
  std::atomic<double> pace;                 // how much faster than their interval all talk; 0: as 1

  TimePoint begin() const { return when(window_begin, TimePoint::max()); }
  TimePoint end() const { return when(window_end, TimePoint::max()); }
  double pace_factor() const {
    const double factor = pace.load(std::memory_order_relaxed);
    return factor > 0 ? factor : 1;
  }

 private:
  static TimePoint when(const std::atomic<Duration::rep>& moment, TimePoint unknown) {
    const Duration::rep since_epoch = moment.load(std::memory_order_relaxed);
    return since_epoch == 0 ? unknown : TimePoint(Duration(since_epoch));
  }
};

// One room as all engines together know it.
class RoomProgress {
 public:
  // Somebody saw this message of the epoch, or it was acknowledged. Of another epoch than the
  // room's it says nothing. 0: the server names none.
  void reached(std::uint64_t epoch_hash, std::uint64_t seq);
  // Somebody was registered at this position of the epoch. A new epoch may begin lower.
  void registered(std::uint64_t epoch_hash, std::uint64_t seq);
  std::uint64_t newest() const { return newest_.load(std::memory_order_relaxed); }

  // The number of the next message of the run in this room, from 1.
  std::uint32_t take_number() { return said_.fetch_add(1, std::memory_order_relaxed) + 1; }
  std::uint32_t said() const { return said_.load(std::memory_order_relaxed); }

 private:
  void raise(std::uint64_t seq);

  std::atomic<std::uint64_t> newest_;
  std::atomic<std::uint64_t> epoch_hash_;
  std::atomic<std::uint32_t> said_;
};

// Created before the threads and processes that use it. Its parts are safe from all of them by the
// rules that stand with each.
class Board {
 public:
  static Result<Board> create(std::size_t engines, std::size_t rooms);
  Board(Board&& other) noexcept;
  Board& operator=(Board&&) = delete;
  ~Board();

  Control& control() const { return *control_; }
  Tally& tally(std::size_t engine) const { return tallies_[engine]; }
  RoomProgress& room(std::size_t room) const { return rooms_[room]; }
  std::size_t engines() const { return engines_; }

 private:
  Board(void* memory, std::size_t bytes, std::size_t engines, std::size_t rooms);

  void* memory_;
  std::size_t bytes_;
  std::size_t engines_;
  Control* control_;
  Tally* tallies_;
  RoomProgress* rooms_;
};

}  // namespace spillway::load
